/** Text of a setting that everybody sees as it is: no white space, and nothing that a terminal would obey. */
export const printable = /^[^\s\p{Cc}\p{Cf}\p{Cs}]+$/u
