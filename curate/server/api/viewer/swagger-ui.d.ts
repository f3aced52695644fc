/** What `docs.js` uses of the vendored script. */
declare const SwaggerUIBundle: (options: Record<string, unknown>) => void;
