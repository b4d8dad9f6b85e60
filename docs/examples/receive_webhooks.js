// Hear what happens to customers, and believe only what crm360 signed: npm install standardwebhooks
//   CRM360_WEBHOOK_SECRET=whsec_… PORT=3000 node receive_webhooks.js
// The secret: flask webhooks create https://erp.example/crm --kind profile.created
const http = require('node:http')
const { Webhook } = require('standardwebhooks')

const webhook = new Webhook(process.env.CRM360_WEBHOOK_SECRET)
const seen = new Set() // in real life a table

http.createServer(async (request, response) => {
  const parts = []
  for await (const part of request) parts.push(part)
  try {
    const event = webhook.verify(Buffer.concat(parts).toString(), request.headers) // over the bytes as they came
    if (!seen.has(request.headers['webhook-id'])) { // a repeat carries the same id
      seen.add(request.headers['webhook-id'])
      console.log(event.type, JSON.stringify(event.data))
    }
    response.writeHead(204).end()
  } catch {
    response.writeHead(401).end()
  }
}).listen(process.env.PORT ?? 3000)
