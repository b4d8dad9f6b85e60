// Reads {secret, body, headers} from stdin and verifies them as a receiver in Node.js would.
const { Webhook } = require("standardwebhooks");

const { secret, body, headers } = JSON.parse(require("fs").readFileSync(0, "utf8"));
try {
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const said = new Webhook(secret).verify(body, lower);
  console.log(said.type, said.data.profile_id);
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
}
