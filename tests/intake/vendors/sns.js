// Reads {certificate, messages} (JSON) from stdin and says of each message whether npm's sns-validator takes it: true or
// false, a line each. The certificate is served from memory in place of Amazon's address.
const { EventEmitter } = require("events");
const https = require("https");

let text = "";
process.stdin.on("data", (part) => (text += part));
process.stdin.on("end", async () => {
  const { certificate, messages } = JSON.parse(text);
  https.get = (_url, answer) => {
    const response = Object.assign(new EventEmitter(), { statusCode: 200 });
    answer(response);
    response.emit("data", Buffer.from(certificate));
    response.emit("end");
    return new EventEmitter();
  };
  const MessageValidator = require("sns-validator");
  const validator = new MessageValidator();
  for (const message of messages)
    console.log(await new Promise((say) => validator.validate(message, (error) => say(!error))));
});
