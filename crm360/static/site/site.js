/*! crm360 site script: events, consent and web push for one site. No consent, no id, no request. See docs/connecting.md. */
(function () {
  'use strict'
  const VERSION = '1'
  const script = document.currentScript
  const given = Object.assign({}, script ? script.dataset : {}, (window.crm360 && window.crm360.config) || {})
  const config = {
    key: given.key || '',
    host: (given.host || (script ? new URL(script.src).origin : location.origin)).replace(/\/$/, ''),
    needs: given.needs || 'analytics',
    notice: given.notice || '',
    textSha256: given.textSha256 || '',
    worker: given.worker || '/crm360-worker.js',
  }
  const STORE = 'crm360:' + config.key
  const GPC_PURPOSES = ['ads', 'profiling']
  const MOST_PENDING = 100
  const MOST_QUEUED = 500
  const PER_REQUEST = 50
  const gpc = navigator.globalPrivacyControl === true

  // ------------------------------------------------------------------ what is remembered, first-party only
  const memory = load()
  let pending = [] // events told before anybody was asked; never stored, never sent without consent
  let sending = false
  let failures = 0
  let timer = 0
  const listeners = []

  function load() {
    try {
      return Object.assign({ consent: {}, id: '', user: '', queue: [] }, JSON.parse(localStorage.getItem(STORE)) || {})
    } catch (error) {
      return { consent: {}, id: '', user: '', queue: [] } // storage is closed to us: this page only
    }
  }

  function save() {
    try {
      localStorage.setItem(STORE, JSON.stringify(memory))
    } catch (error) {
      memory.unsaved = true // full or closed: what is in memory still counts for this page
    }
  }

  function uuid() {
    if (crypto.randomUUID) return crypto.randomUUID()
    const bytes = crypto.getRandomValues(new Uint8Array(16))
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  }

  // ------------------------------------------------------------------ consent
  const signalled = (purpose) => gpc && GPC_PURPOSES.includes(purpose)
  const get = (purpose) => (signalled(purpose) ? 'refused' : (memory.consent[purpose] || {}).state || '')
  const allows = (purpose) => get(purpose) === 'given'
  const anything = () => Object.keys(memory.consent).some(allows) || Boolean(memory.push)

  /** Remember an answer about purposes; a first refusal stays here, everything else is told with its proof. */
  function answer(purposes, granted, options) {
    const said = {}
    for (const purpose of [].concat(purposes)) {
      const before = (memory.consent[purpose] || {}).state
      const state = granted ? 'given' : before === 'given' || before === 'withdrawn' ? 'withdrawn' : 'refused'
      if (state === before) continue
      memory.consent[purpose] = { state, at: new Date().toISOString() }
      said[purpose] = state
    }
    if (!Object.keys(said).length) return
    const known = anything() || Object.values(said).includes('withdrawn')
    if (known) tell(statement(said, 'web', options))
    if (allows(config.needs)) pending.splice(0).forEach(tell)
    else if (get(config.needs)) stopEvents()
    save()
    flush()
    listeners.forEach((listener) => listener(said))
  }

  function statement(purposes, channel, options) {
    const more = options || {}
    return event('track', {
      event: 'Consent Stated',
      properties: {
        purposes,
        channel,
        notice: more.notice || config.notice,
        text_sha256: more.textSha256 || config.textSha256,
        language: more.language || document.documentElement.lang || navigator.language,
        method: more.method || 'banner',
        script: 'site.js/' + VERSION,
      },
    })
  }

  /** Events may not go on; statements may, they are what the person asked to be done. */
  function stopEvents() {
    pending = []
    memory.user = ''
    memory.queue = memory.queue.filter((each) => each.needed)
  }

  // ------------------------------------------------------------------ events
  function event(type, said) {
    const page = { url: location.href, path: location.pathname, search: location.search, title: document.title, referrer: document.referrer }
    const context = { page, locale: navigator.language, userAgent: navigator.userAgent, library: { name: 'crm360-site', version: VERSION } }
    if (gpc) context.gpc = true
    return Object.assign({ type, messageId: uuid(), timestamp: new Date().toISOString(), context }, said)
  }

  /** Put into the queue; only now is there an id. */
  function tell(made) {
    memory.id = memory.id || uuid()
    const needed = made.type === 'track' && /^(Consent Stated|Push (S|Uns)ubscribed)$/.test(made.event)
    const whole = Object.assign({ anonymousId: memory.id }, memory.user ? { userId: memory.user } : {}, made)
    memory.queue.push({ needed, event: whole })
    memory.queue.splice(0, memory.queue.length - MOST_QUEUED)
  }

  function say(made) {
    if (allows(config.needs)) {
      tell(made)
      save()
      flush()
    } else if (!get(config.needs)) {
      pending.push(made)
      pending.splice(0, pending.length - MOST_PENDING)
    }
  }

  // ------------------------------------------------------------------ sending
  const body = (events) => JSON.stringify({ writeKey: config.key, batch: events.map((each) => each.event), sentAt: new Date().toISOString() })

  async function flush() {
    if (sending || timer || !memory.queue.length) return
    sending = true
    const some = memory.queue.slice(0, PER_REQUEST)
    let wait = 0
    try {
      // text/plain and no header of our own: the browser asks nobody before it sends
      const got = await fetch(config.host + '/v1/batch', { method: 'POST', body: body(some), keepalive: true, credentials: 'omit' })
      const again = got.status >= 500 || got.status === 429 || got.status === 408
      if (again) wait = Math.max(Number(got.headers.get('Retry-After')) || 0, backoff())
    } catch (error) {
      wait = backoff() // no network
    }
    sending = false
    if (wait) {
      failures += 1
      timer = setTimeout(() => { timer = 0; flush() }, wait * 1000)
      return
    }
    failures = 0
    const sent = new Set(some.map((each) => each.event.messageId))
    memory.queue = memory.queue.filter((each) => !sent.has(each.event.messageId))
    if (!memory.queue.length && !anything()) memory.id = '' // the last word has arrived; nobody is known any more
    save()
    flush()
  }

  const backoff = () => Math.min(60, 2 ** failures) * (0.5 + Math.random() / 2)

  /** A page that goes away tells what is left; it stays in store too, and is sent again: the server keeps it once. */
  function leave() {
    if (memory.queue.length && navigator.sendBeacon) {
      navigator.sendBeacon(config.host + '/beacon/v1/batch?writeKey=' + encodeURIComponent(config.key), body(memory.queue.slice(0, PER_REQUEST)))
    }
  }

  // ------------------------------------------------------------------ push
  const supported = () => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window

  function bytes(text) {
    const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'))
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0))
  }

  async function subscribe(options) {
    const more = Object.assign({ purposes: ['marketing'], method: 'browser_permission' }, options)
    if (!supported()) return 'unsupported'
    if ((await Notification.requestPermission()) !== 'granted') return 'denied'
    const registration = await navigator.serviceWorker.register(more.worker || config.worker)
    const { publicKey } = await (await fetch(config.host + '/site/push-key', { credentials: 'omit' })).json()
    const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(publicKey) })
    const { endpoint, keys } = made.toJSON()
    memory.push = { endpoint, purposes: [].concat(more.purposes) }
    tell(statement(Object.fromEntries(memory.push.purposes.map((purpose) => [purpose, 'given'])), 'push', more))
    tell(event('track', { event: 'Push Subscribed', properties: { endpoint, keys } }))
    save()
    flush()
    return 'subscribed'
  }

  async function unsubscribe(options) {
    const registration = supported() && (await navigator.serviceWorker.getRegistration(config.worker))
    const made = registration && (await registration.pushManager.getSubscription())
    if (made) await made.unsubscribe()
    if (!memory.push) return 'unsubscribed'
    const { endpoint, purposes } = memory.push
    tell(statement(Object.fromEntries(purposes.map((purpose) => [purpose, 'withdrawn'])), 'push', options))
    tell(event('track', { event: 'Push Unsubscribed', properties: { endpoint } }))
    delete memory.push
    save()
    flush()
    return 'unsubscribed'
  }

  // ------------------------------------------------------------------ what pages call
  window.crm360 = {
    consent: {
      grant: (purposes, options) => answer(purposes, true, options),
      deny: (purposes, options) => answer(purposes, false, options),
      get,
      allows,
      gpc,
      onChange: (listener) => { listeners.push(listener) },
    },
    track: (name, properties) => say(event('track', { event: name, properties: properties || {} })),
    page: (name, properties) => say(event('page', { name, properties: properties || {} })),
    identify: (userId, traits) => {
      if (allows(config.needs)) memory.user = String(userId)
      say(event('identify', { userId: String(userId), traits: traits || {} }))
    },
    reset: () => { memory.user = ''; memory.id = anything() ? uuid() : ''; save() },
    flush,
    push: { supported, subscribe, unsubscribe, state: () => (memory.push ? 'subscribed' : 'unsubscribed') },
  }
  addEventListener('pagehide', leave)
  addEventListener('online', () => { clearTimeout(timer); timer = 0; flush() })
  flush() // what an earlier page could not deliver
  dispatchEvent(new Event('crm360:ready'))
})()
