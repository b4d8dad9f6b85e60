// State a contact, send its purchase, and read the customer they became. Node.js 18 or newer, no package.
//   CRM360_URL=https://crm.example.com CRM360_KEY=… node rest.mjs
// The key: flask keys create --kind api --name erp --role sales
const { CRM360_URL, CRM360_KEY } = process.env

async function call(method, path, body, headers = {}) {
  const answer = await fetch(`${CRM360_URL}/api/v1${path}`, {
    method,
    headers: { Authorization: `Bearer ${CRM360_KEY}`, 'Content-Type': 'application/json', ...headers },
    body: body && JSON.stringify(body),
  })
  const said = await answer.json()
  if (!answer.ok) throw new Error(`${answer.status} ${said.detail ?? said.title}`) // a problem, RFC 9457
  return said
}

await call('POST', '/contacts', {
  source: 'erp',
  external_id: 'N-1',
  fields: { given_name: 'Igor', family_name: 'Wątor' },
  identifiers: [{ kind: 'email', value: 'igor.wator@example.com' }],
}, { 'Idempotency-Key': 'contact N-1, first version' })
await call('POST', '/events', {
  source: 'erp',
  events: [{
    type: 'order', event_id: 'N-77-paid', external_id: 'N-1', occurred_at: '2026-03-02T10:31:00Z',
    order: { id: 'N-77', number: 'N/77', currency: 'PLN', total: '49.00' },
  }],
})

// Both are kept when the answer comes; the worker makes a customer of them within seconds.
for (let turn = 0; turn < 60; turn++) {
  const [found] = (await call('GET', '/profiles?q=igor.wator@example.com')).items
  const orders = found ? (await call('GET', `/profiles/${found.id}/orders`)).items : []
  if (orders.length) {
    const profile = await call('GET', `/profiles/${found.id}`)
    console.log(profile.display_name, orders.map((each) => each.number))
    break
  }
  await new Promise((resolve) => setTimeout(resolve, 1000))
}
