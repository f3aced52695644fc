// The components' scripts run in a browser, their tests in Node.
import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["curate/server/api/viewer/swagger-ui-bundle.js"] }, // vendored
  js.configs.recommended,
  { files: ["curate/**/*.js"], languageOptions: { globals: globals.browser } },
  { files: ["tests/js/**/*.js"], languageOptions: { globals: { ...globals.node, localStorage: "readonly" } } },
  { rules: { eqeqeq: "error", "no-var": "error", "prefer-const": "error" } },
];
