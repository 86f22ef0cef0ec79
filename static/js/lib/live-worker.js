// SharedWorker: one event stream for all tabs of a browser. Tabs say whether
// they are visible; with none visible the stream is closed.
const tabs = new Map();
let stream = null;
let last = '';
let hello = null;

const tell = (message) => { for (const port of tabs.keys()) port.postMessage(message); };

function open() {
  stream = new EventSource(`/api/v1/events${last ? `?last_event_id=${encodeURIComponent(last)}` : ''}`);
  for (const type of ['change', 'notification', 'config', 'resync', 'hello', 'presence']) {
    stream.addEventListener(type, (e) => {
      if (e.lastEventId) last = e.lastEventId;
      if (type === 'hello') hello = { type, data: e.data };
      tell({ type, id: e.lastEventId, data: e.data });
    });
  }
  stream.addEventListener('open', () => tell({ type: 'open', id: last }));
  stream.addEventListener('error', () => tell({ type: 'error', closed: stream?.readyState === 2 }));
}

function adjust() {
  const wanted = [...tabs.values()].some(Boolean);
  if (wanted && (!stream || stream.readyState === 2)) open();
  if (!wanted && stream) { stream.close(); stream = null; hello = null; }
}

onconnect = (e) => {
  const port = e.ports[0];
  tabs.set(port, false);
  port.onmessage = ({ data }) => {
    if (data.gone) tabs.delete(port);
    else tabs.set(port, data.visible);
    adjust();
    if (data.visible) {
      port.postMessage({ type: 'state', id: last });
      if (hello) port.postMessage(hello);
    }
  };
};
