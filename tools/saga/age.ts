const units = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
] as const

/** 844000 → `14 min`: for people, rounded down. */
export const ageText = (milliseconds: number): string => {
  const [size, unit] = units.find(([each]) => milliseconds >= each) ?? [1_000, 's']
  return `${Math.max(0, Math.floor(milliseconds / size))} ${unit}`
}

/** `2026-11-20T10:02:00.000Z` → `2026-11-20 10:02:00`: in UTC, as tables have it. */
export const momentText = (iso: string): string => new Date(iso).toISOString().slice(0, 19).replace('T', ' ')
