/** What a test reads is plain text, wherever the tests run: colours, and Node's warning about who asks for them, are for people. */
for (const name of ['FORCE_COLOR', 'CLICOLOR_FORCE', 'CI']) delete process.env[name]
