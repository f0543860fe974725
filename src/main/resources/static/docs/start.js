// All addresses are relative to the page, so that it also works below a context path or behind a prefix.
Scalar.createApiReference("#reference", {
  url: "v3/api-docs",
  servers: [{ url: new URL(".", location.href).href.slice(0, -1), description: "This service" }],
  customCss: ".light-mode { --scalar-color-3: #6b6b6b }", // a contrast of 5:1 for secondary texts
  persistAuth: false, // tokens stay in memory
  documentDownloadType: "direct",
  defaultOpenFirstTag: false,
  hideClientButton: true,
  showDeveloperTools: "never",
  // nothing is sent to or loaded from another host
  telemetry: false,
  withDefaultFonts: false,
  agent: { disabled: true },
  mcp: { disabled: true },
});
