// Signs cases (JSON on stdin) as Intercom's sample receiver and Zendesk's guide do it in Node.js; neither publishes a verifier.
const { createHmac } = require("crypto");

const { vendor, cases } = JSON.parse(require("fs").readFileSync(0, "utf8"));
for (const { secret, body, stated } of cases) {
  console.log(
    vendor === "intercom"
      ? "sha1=" + createHmac("sha1", secret).update(body).digest("hex")
      : createHmac("sha256", secret).update(stated + body).digest("base64"),
  );
}
