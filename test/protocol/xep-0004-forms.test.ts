import { describe, expect, test } from 'vitest'
import { emptySubmit, formValue, readForm, submitForm, submitFormWith } from '../../src/protocol/xep-0004-forms.ts'
import { configurationOf } from '../../src/protocol/xep-0045-admin.ts'
import { SERVERS, trace } from '../support/fakes/traces.ts'
import { xml } from '../support/fakes/xml.ts'

const FORM = xml(
  "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='form'>" +
    '<title>Configuration</title><instructions>Fill it in</instructions>' +
    "<field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/muc#roomconfig</value></field>" +
    "<field type='fixed'><value>Only words</value></field>" +
    "<field var='muc#roomconfig_roomname' type='text-single' label='Name'><desc>What it is called</desc><required/><value>A room</value></field>" +
    "<field var='muc#roomconfig_persistentroom' type='boolean'><value>0</value></field>" +
    "<field var='muc#roomconfig_roomowners' type='jid-multi'><value>a@b</value><value>c@d</value></field>" +
    "<field var='muc#roomconfig_whois' type='list-single'><option label='Anyone'><value>anyone</value></option><option><value>moderators</value></option><value>anyone</value></field>" +
    '</x></query>',
)

/** The form itself, which is known to be one. */
function form() {
  const read = readForm(FORM)
  if (!read) throw new Error('no form')
  return read
}

describe('readForm', () => {
  test('reads what a form is about', () => {
    expect(form()).toMatchObject({ type: 'form', title: 'Configuration', instructions: 'Fill it in' })
  })

  test('reads each field with what it wants and holds', () => {
    expect(form().fields.slice(2)).toEqual([
      {
        name: 'muc#roomconfig_roomname',
        type: 'text-single',
        label: 'Name',
        description: 'What it is called',
        required: true,
        values: ['A room'],
        options: [],
      },
      { name: 'muc#roomconfig_persistentroom', type: 'boolean', required: false, values: ['0'], options: [] },
      { name: 'muc#roomconfig_roomowners', type: 'jid-multi', required: false, values: ['a@b', 'c@d'], options: [] },
      {
        name: 'muc#roomconfig_whois',
        type: 'list-single',
        required: false,
        values: ['anyone'],
        options: [
          { label: 'Anyone', value: 'anyone' },
          { label: 'moderators', value: 'moderators' },
        ],
      },
    ])
  })

  test('takes a field without a type for one line of text, and one without a name for words', () => {
    const read = readForm(xml("<a><x xmlns='jabber:x:data'><field var='x'/><field/></x></a>"))

    expect(read?.type).toBe('form')
    expect(read?.fields.map(({ name, type }) => [name, type])).toEqual([
      ['x', 'text-single'],
      ['', 'text-single'],
    ])
  })

  test.each(['<a/>', "<a><x xmlns='urn:other'/></a>", "<a><b><x xmlns='jabber:x:data'/></b></a>"])(
    'finds none in %s',
    (text) => {
      expect(readForm(xml(text))).toBeUndefined()
    },
  )
})

test.each([
  ['muc#roomconfig_roomname', 'A room'],
  ['muc#roomconfig_roomowners', 'a@b'],
  ['FORM_TYPE', 'http://jabber.org/protocol/muc#roomconfig'],
  ['absent', undefined],
  ['__proto__', undefined],
  ['constructor', undefined],
])('the first value of %s is %j', (name, value) => {
  expect(formValue(form(), name)).toBe(value)
})

test('no form has no value', () => {
  expect(formValue(undefined, 'x')).toBeUndefined()
})

describe('a form that is filled in', () => {
  test('says what it is for, and writes each kind of value', () => {
    expect(
      submitForm('urn:form', { text: 'a < b', yes: true, no: false, number: 20, many: ['x', 'y'], none: [] }),
    ).toEqual(
      xml(
        "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>urn:form</value></field>" +
          "<field var='text'><value>a &lt; b</value></field><field var='yes'><value>1</value></field>" +
          "<field var='no'><value>0</value></field><field var='number'><value>20</value></field>" +
          "<field var='many'><value>x</value><value>y</value></field><field var='none'/></x>",
      ),
    )
  })

  test('over another keeps what is not given, leaves words out, and adds what is new', () => {
    const filled = submitFormWith(form(), { 'muc#roomconfig_persistentroom': true, new: 'x' })

    expect(filled.attrs).toEqual({ type: 'submit' })
    const read = readForm({ ...FORM, children: [filled] })
    expect(read?.fields.map(({ name, values }) => [name, values])).toEqual([
      ['FORM_TYPE', ['http://jabber.org/protocol/muc#roomconfig']],
      ['muc#roomconfig_roomname', ['A room']],
      ['muc#roomconfig_persistentroom', ['1']],
      ['muc#roomconfig_roomowners', ['a@b', 'c@d']],
      ['muc#roomconfig_whois', ['anyone']],
      ['new', ['x']],
    ])
  })

  test('over another can empty a field', () => {
    const filled = submitFormWith(form(), { 'muc#roomconfig_roomowners': [] })

    expect(
      readForm({ ...FORM, children: [filled] })?.fields.find(({ name }) => name.endsWith('owners'))?.values,
    ).toEqual([])
  })
})

test('the defaults are accepted by a form that holds nothing', () => {
  expect(emptySubmit()).toEqual(xml("<x xmlns='jabber:x:data' type='submit'/>"))
})

describe.each(SERVERS)('the configuration form of %s', (server) => {
  const forms = trace(server, '27')
    .filter(({ direction }) => direction === 'to client')
    .flatMap((frame) => configurationOf(xml(frame.xml)) ?? [])
    .flatMap((query) => readForm(query) ?? [])

  test('is read with a name, a type and its options for each field', () => {
    expect(forms).toHaveLength(1)
    expect(formValue(forms[0], 'FORM_TYPE')).toBe('http://jabber.org/protocol/muc#roomconfig')
    const fields = new Map(forms[0]?.fields.map((field) => [field.name, field]))
    expect(fields.get('muc#roomconfig_roomname')?.type).toBe('text-single')
    expect(fields.get('muc#roomconfig_persistentroom')).toMatchObject({ type: 'boolean', values: ['1'] })
    expect(fields.get('muc#roomconfig_whois')).toMatchObject({ type: 'list-single' })
    expect(
      fields
        .get('muc#roomconfig_whois')
        ?.options.map(({ value }) => value)
        .sort(),
    ).toEqual(['anyone', 'moderators'])
  })

  test('goes back whole with one value changed', () => {
    const [given] = forms
    if (!given) throw new Error('no form')

    const filled = readForm({ ...FORM, children: [submitFormWith(given, { 'muc#roomconfig_whois': 'anyone' })] })

    const kept = given.fields.filter(({ name, type }) => name !== '' && type !== 'fixed')
    expect(filled?.fields.map(({ name, values }) => [name, values])).toEqual(
      kept.map(({ name, values }) => [name, name === 'muc#roomconfig_whois' ? ['anyone'] : values]),
    )
  })
})
