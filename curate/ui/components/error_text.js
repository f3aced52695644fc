/**
 * Returns the sentences of a server's refusal, {"error", "hint"}; "" when the answer holds none.
 * @param {{error?: string, hint?: string} | null} answer
 */
export function errorText(answer) {
  return [answer?.error, answer?.hint].filter(Boolean).join(" ");
}

/**
 * Returns the JSON that a refusal holds; null when it holds something else, as a proxy's does.
 * @param {Response} response
 * @returns {Promise<{error?: string, hint?: string} | null>}
 */
export function readRefusal(response) {
  return response.json().catch(() => null);
}

/**
 * Returns the message of whatever was thrown.
 * @param {unknown} error
 */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
