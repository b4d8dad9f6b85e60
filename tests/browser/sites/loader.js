// A real site has this tag in its page, as docs/connecting.md shows; a test's server has another address each time.
const asked = new URLSearchParams(location.search)
document.write(
  `<script src="${asked.get('host')}/site.js" data-key="${asked.get('key')}" data-notice="2026-03" ` +
    `data-text-sha256="${'ab'.repeat(32)}" crossorigin ${asked.get('integrity') ? `integrity="${asked.get('integrity')}"` : ''}><\/script>`
)
