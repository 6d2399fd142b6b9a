/**
 * Read once by the worker's sandbox, before any workflow. The SDK takes a stack trace of each promise that a workflow makes, for the
 * UI's "Stack Trace" page: a sixth of the orchestrator's processor time, for frames of the SDK. Where a saga stands, its details say;
 * an error keeps the place where it was thrown.
 */
Error.stackTraceLimit = 1
