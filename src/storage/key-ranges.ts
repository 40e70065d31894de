/** All rows whose key begins with that. */
export const allOf = (first: string): IDBKeyRange => IDBKeyRange.bound([first], [first, []])
