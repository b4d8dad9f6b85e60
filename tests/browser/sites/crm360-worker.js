importScripts(new URL(self.location.href).searchParams.get('from') + '/site/push-worker.js')
