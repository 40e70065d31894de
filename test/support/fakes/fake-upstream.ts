export * from '../../../src/testing/fake-upstream.ts'
