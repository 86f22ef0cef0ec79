/* Somebody of the sample firm who speaks to the server as a browser does. */

/** Signs in `user`; the caller sends JSON and gets JSON. */
export async function signIn(url, user, password) {
    const call = async (method, path, body, headers = {}) => {
        const raw = body instanceof Uint8Array;
        const answer = await fetch(`${url}/api/v1${path}`, {
            method, headers: { 'Content-Type': 'application/json', ...headers }, body: raw || body === undefined ? body : JSON.stringify(body) });
        const text = await answer.text();
        if (!answer.ok) throw new Error(`${user}: ${method} ${path}: ${answer.status} ${text}`);
        return { json: /^[[{]/.test(text) ? JSON.parse(text) : null, cookie: answer.headers.get('set-cookie') };
    };
    const { json, cookie } = await call('POST', '/session', { email: `${user}@sample.example`, password });
    const own = { Cookie: cookie.split(';')[0], 'X-CSRF-Token': json.csrf };
    const ask = async (...what) => (await call(...what, own)).json;
    const list = async (plural, filter, limit = 1) => (await ask('GET', `/${plural}?limit=${limit}&filter=${encodeURIComponent(filter)}`, undefined)).items;
    return {
        id: json.user.id,
        list,
        first: async (plural, filter) => (await list(plural, filter))[0],
        change: async (plural, record, body) => (await call('PATCH', `/${plural}/${record.id}`, body, { ...own, 'If-Match': '*' })).json,
        remove: (plural, record) => call('DELETE', `/${plural}/${record.id}`, undefined, { ...own, 'If-Match': '*' }),
        create: (plural, body) => ask('POST', `/${plural}`, body),
        post: (path, body) => ask('POST', path, body),
        read: (path) => ask('GET', path, undefined),
        prefer: (prefs) => ask('PATCH', '/me', { prefs }),
        /** Attaches bytes to a record; `field`: they are its photo or logo. */
        attach: (plural, record, name, type, bytes, field) => call('POST', `/${plural}/${record.id}/files${field ? `?field=${field}` : ''}`, bytes,
            { ...own, 'Content-Type': type, 'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}` }).then((a) => a.json),
    };
}
