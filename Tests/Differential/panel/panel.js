// The panel's Node member. Protocol: panel.py.
'use strict';
const fs = require('fs');
const querystring = require('querystring');

function slots(value, out) {
  const list = value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
  for (const item of list) {
    if (typeof item === 'string' || typeof item === 'number') out.push(String(item));
    else if (item && typeof item === 'object') out.push(...Object.values(item).filter((text) => typeof text === 'string'));
  }
}

function json(body) {
  const document = JSON.parse(body.toString('utf8'));
  const out = [];
  for (const name of ['to', 'cc', 'bcc', 'sms']) slots(document[name], out);
  return out;
}

function form(body, parse) {
  const out = [];
  for (const [name, value] of parse(body.toString('utf8'))) {
    if (/^\s*\[?(to|cc|bcc)\b/i.test(name)) slots(value, out);
  }
  return out;
}

async function multipart(body, type) {
  const data = await new Response(body, { headers: { 'content-type': type } }).formData();
  const out = [];
  for (const [name, value] of data) {
    if (/^\s*\[?(to|cc|bcc)\b/i.test(name)) out.push(typeof value === 'string' ? value : await value.text());
  }
  return out;
}

const readers = {
  json,
  form: (body) => form(body, (text) => Object.entries(querystring.parse(text))),
  'form-url': (body) => form(body, (text) => [...new URLSearchParams(text)]),
  multipart,
};

function readExactly(count) {
  const buffer = Buffer.alloc(count);
  let at = 0;
  while (at < count) {
    let n;
    try { n = fs.readSync(0, buffer, at, count - at, null); } catch (error) {
      if (error.code === 'EAGAIN') continue;
      throw error;
    }
    if (n === 0) return null;
    at += n;
  }
  return buffer;
}

(async () => {
  for (;;) {
    const head = readExactly(4);
    if (!head) return;
    const message = readExactly(head.readUInt32BE(0));
    const kindEnd = 1 + message[0];
    const kind = message.toString('latin1', 1, kindEnd);
    const typeEnd = kindEnd + 2 + message.readUInt16BE(kindEnd);
    const type = message.toString('latin1', kindEnd + 2, typeEnd);
    let answer;
    try { answer = { to: await readers[kind](message.subarray(typeEnd), type) }; } catch (error) { answer = { error: String(error) }; }
    const text = Buffer.from(JSON.stringify(answer));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    fs.writeSync(1, Buffer.concat([length, text]));
  }
})();
