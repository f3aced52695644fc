/** Shows the API's description with Swagger UI, in the colours that the reader's system prefers. */
/* global SwaggerUIBundle */
const isDark = window.matchMedia("(prefers-color-scheme: dark)");

function followColours() {
  document.documentElement.classList.toggle("dark-mode", isDark.matches);
}

isDark.addEventListener("change", followColours);
followColours();
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#api",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  validatorUrl: null, // the document stays on this server
});
