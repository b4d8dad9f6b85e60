// The unmodified @jitsu/js in Node.js, told by its arguments where to send, with which key and as whom.
const { jitsuAnalytics } = require('@jitsu/js')
const { told, steps } = require('./story.js')

const [host, writeKey, name] = process.argv.slice(2)
const story = told(name)
const analytics = jitsuAnalytics({ host, writeKey: `${writeKey}:secret`, fetchTimeoutMs: 10000 })

async function tell() {
  await analytics.setAnonymousId(`device-${name}`)
  await analytics.identify(`user-${name}`, { ...story.traits, email: `${name}@example.com` })
  for (const [event, properties] of steps(story)) await analytics.track(event, properties)
  await analytics.group(`org-${name}`, story.group)
}
tell()
