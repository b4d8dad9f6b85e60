// Reads cases (JSON) from stdin and says of each whether the vendor's own library takes it: one line, true or false.
// Each library is loaded for its own vendor only: one of them takes seconds.
const libraryOf = {
  shopify() {
    require("@shopify/shopify-api/adapters/node");
    return require("@shopify/shopify-api");
  },
  square: () => require("square"),
  stripe() {
    const Stripe = require("stripe");
    return new (Stripe.default || Stripe)("sk_test_none");
  },
};

const takes = {
  async shopify({ shopifyApi, ApiVersion }, { secret, body, headers }) {
    const shop = shopifyApi({
      apiKey: "key", apiSecretKey: secret || "-", hostName: "crm.example.com", isEmbeddedApp: false,
      apiVersion: Object.values(ApiVersion)[0], logger: { log: () => {} },
    });
    const rawRequest = { method: "POST", url: "/", headers };
    return (await shop.webhooks.validate({ rawBody: body, rawRequest, rawResponse: {} })).valid;
  },
  async square({ WebhooksHelper }, { secret, body, headers, url }) {
    return WebhooksHelper.verifySignature({
      requestBody: body, signatureHeader: headers["x-square-hmacsha256-signature"] || "", signatureKey: secret || "-",
      notificationUrl: url,
    });
  },
  async stripe(stripe, { secret, body, headers, at }) {
    stripe.webhooks.constructEvent(body, headers["stripe-signature"], secret, 300, undefined, at * 1000);
    return true;
  },
};

async function main() {
  const { vendor, cases, make } = JSON.parse(require("fs").readFileSync(0, "utf8"));
  const library = libraryOf[vendor]();
  for (const each of make || []) {
    console.log(library.webhooks.generateTestHeaderString(each));
  }
  for (const each of cases || []) {
    console.log(await takes[vendor](library, each).catch(() => false));
  }
}

main();
