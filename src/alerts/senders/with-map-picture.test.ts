import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleMailMessage } from '../../../test/support/alert-message-fixture.ts';
import type { MapRequest } from '../alert-message.ts';
import type { MapPicture, MapPictures } from '../map-picture/map-pictures.ts';
import { withMapPicture } from './with-map-picture.ts';
import type { PicturedMessage } from './write-mail.ts';

const MAP: MapRequest = { latitude: 32.78, longitude: -96.8, uncertaintyMeters: 30, caption: 'Map' };
const PICTURE: MapPicture = { id: 'picture-1', png: new Uint8Array([1]), attribution: 'County' };
const { signal } = new AbortController();

function mailOf(html: string | null, map: MapRequest | null) {
  const message = exampleMailMessage({ html }, { organizationId: 'organization-1' });
  return { ...message, content: { ...message.content, map } as typeof message.content };
}

function open(picture: MapPicture | null) {
  const asked: unknown[][] = [];
  const sent: PicturedMessage[] = [];
  const stopped: string[] = [];
  const pictures: MapPictures = {
    picture(...question) {
      asked.push(question);
      return Promise.resolve(picture);
    },
    prepare: () => Promise.resolve(),
    stop: () => Promise.resolve(void stopped.push('pictures')),
  };
  const sender = withMapPicture(
    {
      send(message) {
        sent.push(message);
        return Promise.resolve({ response: '250 taken' });
      },
      stop: () => Promise.resolve(void stopped.push('sender')),
    },
    pictures,
  );
  return { asked, sent, stopped, sender };
}

test('a mail takes the picture of its place along, and leaves without where there is none', async () => {
  for (const picture of [PICTURE, null]) {
    const { asked, sender, sent, stopped } = open(picture);
    assert.deepEqual(await sender.send(mailOf('<p>911</p>', MAP), signal), { response: '250 taken' });
    assert.deepEqual(asked, [[MAP, 'organization-1']]);
    assert.equal(sent[0]?.picture, picture);
    await sender.stop();
    assert.deepEqual(stopped, ['pictures', 'sender']);
  }
});

test('no picture is asked for where none is shown', async () => {
  for (const mail of [mailOf(null, MAP), mailOf('<p>911</p>', null)]) {
    const { asked, sender, sent } = open(PICTURE);
    await sender.send(mail, signal);
    assert.deepEqual(asked, []);
    assert.equal(sent[0]?.picture, undefined);
  }
});
