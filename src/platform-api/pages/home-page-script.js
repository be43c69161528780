// Runs in the browser. The page holds no data: it asks /api with the token that the reader enters, and keeps it for this tab only.
const $ = (id) => document.getElementById(id);
const field = $('token');
field.value = sessionStorage.getItem('token') ?? '';
async function ask(path) {
  const answer = await fetch(path, { headers: { authorization: 'Bearer ' + field.value } });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.message ?? answer.status);
  return body;
}
function table(id, heads, rows) {
  const target = $(id);
  target.replaceChildren();
  if (rows.length === 0) {
    target.textContent = 'Nothing yet.';
    return;
  }
  const made = document.createElement('table');
  const head = made.createTHead().insertRow();
  for (const text of heads) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.textContent = text;
    head.append(cell);
  }
  const body = made.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const text of row) line.insertCell().append(text ?? '');
  }
  target.append(made);
}
function link(text, target) {
  const made = document.createElement('a');
  made.href = target;
  made.textContent = text;
  return made;
}
// A mail about a call links to /calls/<id>: the same page, with that call first.
const callId = /^\/calls\/([0-9a-f-]+)$/.exec(location.pathname)?.[1];
async function showCall() {
  if (callId === undefined) return;
  $('call').hidden = false;
  const call = await ask('/api/calls/' + callId);
  $('call-facts').textContent =
    call.startedAt +
    ': ' +
    call.dialed +
    ' from ' +
    (call.callerNumber ?? 'an unknown number') +
    ' at ' +
    (call.location?.text ?? 'an unknown location') +
    ' to ' +
    (call.destination?.name ?? 'nobody') +
    ', ' +
    call.outcome +
    (call.spokenText ? '. Spoken: ' + call.spokenText : '');
  table(
    'trace',
    ['Step', 'Choice', 'Reason', 'ms'],
    call.trace.map((entry) => [entry.step, entry.choice, entry.reason, String(entry.durationMs)]),
  );
  table(
    'receipts',
    ['Told', 'Why', 'State', 'When'],
    call.receipts.map((one) => [one.recipient, one.reasons.join(', '), one.state, one.acceptedAt]),
  );
}
async function show() {
  sessionStorage.setItem('token', field.value);
  $('problem').textContent = '';
  if (field.value === '') return;
  try {
    const stages = await ask('/api/compliance');
    $('organization').textContent =
      stages.organization.name +
      ': completed ' +
      (stages.organization.completed ?? 'nothing') +
      ', next ' +
      (stages.organization.next ?? 'nothing, all done');
    table(
      'stages',
      ['Location', 'State', 'Completed', 'Next', '933 test calls', '911 direct'],
      stages.locations.map((one) => [
        one.name,
        one.state,
        one.completed ?? '–',
        one.state === 'EXEMPTED' ? '–' : (one.next ?? '–'),
        one.testCallsEnabled ? 'on' : 'off',
        one.routingEnabled ? 'on' : 'off',
      ]),
    );
    const calls = await ask('/api/calls?max=20');
    table(
      'calls',
      ['Started', 'Dialled', 'Caller', 'Callback', 'Location', 'Destination', 'Outcome'],
      calls.items.map((call) => [
        link(call.startedAt, '/calls/' + call.id),
        call.dialed,
        call.callerNumber,
        call.callbackNumber,
        call.location?.text ?? 'unknown',
        call.destination?.name,
        call.outcome,
      ]),
    );
    const mail = await ask('/api/mail?max=20');
    table(
      'mail',
      ['Time', 'To', 'Subject'],
      mail.items.map((one) => [one.at, one.to, one.subject]),
    );
    await showCall();
  } catch (error) {
    $('problem').textContent = String(error.message ?? error);
  }
}
$('enter').addEventListener('submit', (event) => {
  event.preventDefault();
  void show();
});
void show();
setInterval(() => void show(), 5000);
