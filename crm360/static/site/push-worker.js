/*! crm360 push worker. A site loads it by a file of its own: importScripts('https://crm.example.com/site/push-worker.js') */
'use strict'

self.addEventListener('push', (event) => {
  let said = {}
  try {
    said = event.data ? event.data.json() : {}
  } catch (error) {
    said = { title: event.data.text() }
  }
  const options = { body: said.body || '', icon: said.icon || undefined, tag: said.tag || undefined, data: { url: said.url || '/' } }
  event.waitUntil(self.registration.showNotification(said.title || self.location.hostname, options))
})

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const target = new URL(event.notification.data.url, self.location.origin)
  if (target.protocol !== 'https:' && target.protocol !== 'http:') return
  event.waitUntil(
    self.clients.matchAll({ type: 'window' }).then((open) => {
      const there = open.find((client) => client.url === target.href)
      return there ? there.focus() : self.clients.openWindow(target.href)
    })
  )
})
