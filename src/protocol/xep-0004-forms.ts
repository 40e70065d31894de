// XEP-0004: Data Forms, version 2.13.1
// https://xmpp.org/extensions/xep-0004.html
import { child, childrenOf, childText, el, textEl, textOf, type XmlNode } from './xml.ts'

export const NS_FORMS = 'jabber:x:data'

export interface FormField {
  /** Empty for a field that is only words (`fixed`). */
  readonly name: string
  /** `boolean`, `fixed`, `hidden`, `jid-multi`, `jid-single`, `list-multi`, `list-single`, `text-multi`, `text-private`, `text-single`. */
  readonly type: string
  readonly label?: string
  readonly description?: string
  readonly required: boolean
  readonly values: readonly string[]
  readonly options: readonly { readonly label: string; readonly value: string }[]
}

export interface Form {
  readonly type: string
  readonly title?: string
  readonly instructions?: string
  readonly fields: readonly FormField[]
}

/** What somebody fills in: by the name of the field. */
export type FormValues = Readonly<Record<string, string | boolean | number | readonly string[]>>

/** The form directly in a node, or `undefined`. */
export function readForm(parent: XmlNode): Form | undefined {
  const x = child(parent, NS_FORMS, 'x')
  if (!x) return undefined
  const title = childText(x, NS_FORMS, 'title')
  const instructions = childText(x, NS_FORMS, 'instructions')
  return {
    type: x.attrs['type'] ?? 'form',
    ...(title && { title }),
    ...(instructions && { instructions }),
    fields: childrenOf(x, NS_FORMS, 'field').map(readField),
  }
}

function readField(field: XmlNode): FormField {
  const { var: name = '', type = 'text-single', label } = field.attrs
  const description = childText(field, NS_FORMS, 'desc')
  return {
    name,
    type,
    ...(label && { label }),
    ...(description && { description }),
    required: child(field, NS_FORMS, 'required') !== undefined,
    values: childrenOf(field, NS_FORMS, 'value').map(textOf),
    options: childrenOf(field, NS_FORMS, 'option').map((option) => {
      const value = childText(option, NS_FORMS, 'value') ?? ''
      return { label: option.attrs['label'] ?? value, value }
    }),
  }
}

/** The first value of a field, or `undefined`. */
export function formValue(form: Form | undefined, name: string): string | undefined {
  return form?.fields.find((field) => field.name === name)?.values[0]
}

/** A form filled in, for what `formType` names (XEP-0068). */
export function submitForm(formType: string, values: FormValues): XmlNode {
  const fields = Object.entries(values).map(([name, value]) => fieldEl(name, valuesOf(value)))
  return el(NS_FORMS, 'x', { type: 'submit' }, hiddenField(formType), ...fields)
}

/** A form filled in where the values of the form itself stay, but for those given. */
export function submitFormWith(form: Form, values: FormValues): XmlNode {
  const given = new Map(Object.entries(values))
  const kept = form.fields.filter(({ name, type }) => name !== '' && type !== 'fixed')
  const fields = kept.map(({ name, values: own }) => {
    const value = given.get(name)
    given.delete(name)
    return fieldEl(name, value === undefined ? own : valuesOf(value))
  })
  const added = [...given].map(([name, value]) => fieldEl(name, valuesOf(value)))
  return el(NS_FORMS, 'x', { type: 'submit' }, ...fields, ...added)
}

/** Accepts the defaults: a form that holds nothing. */
export function emptySubmit(): XmlNode {
  return el(NS_FORMS, 'x', { type: 'submit' })
}

const hiddenField = (formType: string): XmlNode =>
  el(NS_FORMS, 'field', { var: 'FORM_TYPE', type: 'hidden' }, textEl(NS_FORMS, 'value', formType))

const fieldEl = (name: string, values: readonly string[]): XmlNode =>
  el(NS_FORMS, 'field', { var: name }, ...values.map((value) => textEl(NS_FORMS, 'value', value)))

function valuesOf(value: FormValues[string]): readonly string[] {
  if (typeof value === 'boolean') return [value ? '1' : '0']
  return typeof value === 'string' || typeof value === 'number' ? [String(value)] : value
}
