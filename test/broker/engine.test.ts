import { describe, expect, test } from 'vitest'
import { webLocks } from '../../src/adapters/web-locks.ts'
import { type Claim, Engine, type EngineWorld } from '../../src/broker/engine.ts'
import { broadcastHub } from '../support/fakes/fake-broadcast.ts'
import { fakeClock } from '../support/fakes/fake-clock.ts'
import { lockTable } from '../support/fakes/fake-locks.ts'
import { deferred, turns } from '../support/fakes/turn.ts'

const ACCOUNT = 'juliet@capulet.example'
const LOCK = `minimix:engine:${ACCOUNT}`
const SILENT_MS = 1_000

function stage() {
  const locks = lockTable()
  const hub = broadcastHub()
  const clock = fakeClock()
  const happened: string[] = []
  let names = 0

  /** A worker of some contract, that keeps the account unless told otherwise. */
  const worker = (words: Partial<Pick<EngineWorld, 'account' | 'contract' | 'gives' | 'handOver'>> = {}) => {
    const name = `worker-${++names}`
    const agent = locks.agent()
    const control = hub.member()
    const locksHere = webLocks(agent.manager)
    const engine = new Engine({
      account: ACCOUNT,
      contract: 1,
      name,
      locks: {
        ...locksHere,
        steal(lock, onStolen) {
          happened.push(`${name} steals`)
          return locksHere.steal(lock, onStolen)
        },
      },
      clock,
      control,
      gives: () => false,
      handOver: async (contract) => void happened.push(`${name} hands over to ${contract}`),
      onStolen: () => void happened.push(`${name} is robbed`),
      ...words,
    })
    return {
      engine,
      control,
      die() {
        agent.die()
        control.silence()
      },
      /** The outcome of a claim, without time to speak of. */
      async claims(): Promise<Claim | 'waits'> {
        const waits = turns(3).then(() => 'waits' as const)
        return Promise.race([engine.claim(), waits])
      },
    }
  }
  return { locks, hub, clock, happened, worker }
}

describe('a worker that claims the account', () => {
  test('has it at once where nobody has it, and asks nobody', async () => {
    const { worker, locks, hub } = stage()
    const { engine, claims } = worker()
    expect(engine.ours).toBe(false)

    expect(await claims()).toEqual({ ours: true })

    expect([engine.ours, locks.isHeld(LOCK)]).toEqual([true, true])
    expect(hub.said).toEqual([])
  })

  test('and has it already has it, and asks nobody', async () => {
    const { worker, hub } = stage()
    const { claims } = worker()
    await claims()

    expect(await claims()).toEqual({ ours: true })
    expect(hub.said).toEqual([])
  })

  test.each([
    ['the same', 1],
    ['a newer one', 2],
    ['an older one', 0],
  ])('learns the contract of one of %s that keeps it', async (_what, contract) => {
    const { worker, happened, clock } = stage()
    const asked: number[] = []
    const first = worker({
      contract,
      gives(by) {
        asked.push(by)
        return false
      },
    })
    await first.claims()
    const second = worker({ contract: 1 })

    expect(await second.claims()).toEqual({ ours: false, contract })

    expect(asked).toEqual([1])
    expect([first.engine.ours, second.engine.ours]).toEqual([true, false])
    expect([happened, clock.waiting]).toEqual([[], 0])
  })

  test('is given it by one that says so, once that has let go of everything', async () => {
    const { worker, happened, clock } = stage()
    const written = deferred()
    const first = worker({ gives: (contract) => contract === 2, handOver: () => written.promise })
    await first.claims()
    const second = worker({ contract: 2 })
    expect(await second.claims()).toBe('waits')
    expect([first.engine.ours, second.engine.ours]).toEqual([true, false])

    written.resolve()
    await turns(2)

    expect([first.engine.ours, second.engine.ours]).toEqual([false, true])
    expect([happened, clock.waiting]).toEqual([[], 0])
  })

  test('says of which contract it is, and that one is told to who hands over', async () => {
    const { worker, happened } = stage()
    await worker({ gives: () => true }).claims()

    expect(await worker({ contract: 7 }).claims()).toEqual({ ours: true })

    expect(happened).toEqual(['worker-1 hands over to 7'])
  })

  test('can claim it again after it gave it away', async () => {
    const { worker, happened } = stage()
    const [first, second] = [worker({ gives: () => true }), worker({ gives: () => true })]
    await first.claims()
    await second.claims()

    expect(await first.claims()).toEqual({ ours: true })
    expect(await second.claims()).toEqual({ ours: true })

    expect(happened).toEqual([1, 2, 1].map((n) => `worker-${n} hands over to 1`))
    expect([first.engine.ours, second.engine.ours]).toEqual([false, true])
  })

  test('has it when whoever had it lets go of it', async () => {
    const { worker, locks } = stage()
    const first = worker()
    await first.claims()

    first.engine.release()
    await turns()

    expect([first.engine.ours, locks.isHeld(LOCK)]).toEqual([false, false])
    expect(await worker().claims()).toEqual({ ours: true })
  })
})

describe('one that has the account, and does not answer,', () => {
  test('has lost it after a second, and learns of it', async () => {
    const { worker, happened, clock } = stage()
    const first = worker({ gives: () => true })
    await first.claims()
    first.control.silence()
    const second = worker()
    const claiming = second.engine.claim()
    await turns(2)

    clock.advance(SILENT_MS - 1)
    await turns(2)
    expect([first.engine.ours, second.engine.ours]).toEqual([true, false])
    clock.advance(1)

    expect(await claiming).toEqual({ ours: true })
    await turns(2)
    expect([first.engine.ours, second.engine.ours]).toEqual([false, true])
    expect(happened).toEqual(['worker-2 steals', 'worker-1 is robbed'])
  })

  test('and lets go of it afterwards, takes it from nobody', async () => {
    const { worker, locks, clock } = stage()
    const first = worker()
    await first.claims()
    first.control.silence()
    const claiming = worker().engine.claim()
    await turns()
    clock.advance(SILENT_MS)
    await claiming
    await turns(2)

    first.engine.release()
    await turns()

    expect(locks.isHeld(LOCK)).toBe(true)
  })

  test('because it died while it was asked, is followed, and nothing is stolen', async () => {
    const { worker, happened, clock, locks } = stage()
    const first = worker()
    await first.claims()
    first.control.silence()
    const second = worker()
    const claiming = second.engine.claim()
    await turns(2)
    first.die()

    clock.advance(SILENT_MS)

    expect(await claiming).toEqual({ ours: true })
    expect([locks.isHeld(LOCK), happened]).toEqual([true, []])
  })

  test('because its writing takes too long, has lost it as well, and gives it to nobody then', async () => {
    const { worker, happened, clock, hub } = stage()
    const written = deferred()
    const first = worker({ gives: () => true, handOver: () => written.promise })
    await first.claims()
    const second = worker()
    const claiming = second.engine.claim()
    await turns(2)
    clock.advance(SILENT_MS)
    expect(await claiming).toEqual({ ours: true })

    written.resolve()
    await turns(2)

    expect(happened).toEqual(['worker-2 steals', 'worker-1 is robbed'])
    expect([first.engine.ours, second.engine.ours]).toEqual([false, true])
    expect(hub.said.at(-1)).toMatchObject({ minimix: 'engine-free', to: 'worker-2' })
  })

  test('can claim it again once it has come to itself', async () => {
    const { worker, clock } = stage()
    const first = worker()
    await first.claims()
    first.control.silence()
    const second = worker()
    const claiming = second.engine.claim()
    await turns()
    clock.advance(SILENT_MS)
    await claiming
    await turns(2)

    second.die()

    expect(await first.claims()).toEqual({ ours: true })
  })
})

describe('two that ask at once', () => {
  test('where nobody has it, are one that has it and one that is told so', async () => {
    const { worker, happened } = stage()
    const [first, second] = [worker(), worker()]

    const claims = await Promise.all([first.claims(), second.claims()])

    expect(claims).toEqual([{ ours: true }, { ours: false, contract: 1 }])
    expect(happened).toEqual([])
  })

  test('who gives it, are one that has it and one that is told by that one', async () => {
    const { worker, happened } = stage()
    await worker({ gives: () => true }).claims()
    const [second, third] = [worker({ contract: 3 }), worker({ contract: 3 })]

    const claims = await Promise.all([second.claims(), third.claims()])

    expect(claims).toEqual([{ ours: true }, { ours: false, contract: 3 }])
    expect(happened).toEqual(['worker-1 hands over to 3'])
  })

  test('who does not answer, are one that has it and one that knows that it has not', async () => {
    const { worker, happened, clock } = stage()
    const first = worker()
    await first.claims()
    first.control.silence()
    const [second, third] = [worker(), worker()]
    const claiming = [second.engine.claim(), third.engine.claim()]
    await turns()

    clock.advance(SILENT_MS)
    const claims = await Promise.all(claiming)
    await turns(2)

    expect(claims).toEqual([{ ours: false, contract: 1 }, { ours: true }])
    expect([first, second, third].map(({ engine }) => engine.ours)).toEqual([false, false, true])
    expect(happened).toEqual(['worker-2 steals', 'worker-3 steals', 'worker-1 is robbed'])
  })
})

test('an account that is passed on before our eyes, again and again, is given up', async () => {
  const { worker, locks, hub } = stage()
  const holder = locks.agent()
  await webLocks(holder.manager).hold(LOCK)
  const other = hub.member()
  other.listen((word) => {
    // It says that the account is free, and somebody else was quicker each time.
    const { by } = word as { readonly by: string }
    other.post({ minimix: 'engine-free', account: ACCOUNT, to: by })
  })

  await expect(worker().engine.claim()).rejects.toThrow(`the engine of ${ACCOUNT} is passed on too often`)

  expect(hub.said.filter((word) => (word as { readonly minimix: string }).minimix === 'engine-wanted')).toHaveLength(5)
})

describe('what is said', () => {
  const wanted = { minimix: 'engine-wanted', account: ACCOUNT, contract: 9, by: 'somebody' }

  test.each([
    ['nothing', null],
    ['a text', 'engine-wanted'],
    ['no account', { ...wanted, account: undefined }],
    ['a contract that is no number', { ...wanted, contract: '9' }],
    ['nobody who asks', { ...wanted, by: 7 }],
    ['another word', { ...wanted, minimix: 'engine-taken', to: 'somebody' }],
    ['of another account', { ...wanted, account: 'romeo@montague.example' }],
  ])('with %s is not answered', async (_what, word) => {
    const { worker, hub, happened } = stage()
    const { engine, claims } = worker({ gives: () => true })
    await claims()

    hub.member().post(word)
    await turns(2)

    expect(hub.said).toEqual([word])
    expect([engine.ours, happened]).toEqual([true, []])
  })

  test('as it must be is answered, so that these tests can fail', async () => {
    const { worker, hub } = stage()
    await worker().claims()

    hub.member().post(wanted)
    await turns(2)

    expect(hub.said.at(-1)).toEqual({ minimix: 'engine-kept', account: ACCOUNT, contract: 1, to: 'somebody' })
  })

  test('to one that has not the account is not answered', async () => {
    const { worker, hub } = stage()
    worker()

    hub.member().post(wanted)
    await turns(2)

    expect(hub.said).toEqual([wanted])
  })

  test.each([
    ['to somebody else', { minimix: 'engine-kept', account: ACCOUNT, contract: 4, to: 'somebody' }],
    ['of another account', { minimix: 'engine-kept', account: 'romeo@montague.example', contract: 4, to: 'worker-1' }],
    ['without a contract', { minimix: 'engine-kept', account: ACCOUNT, to: 'worker-1' }],
    ['free, to somebody else', { minimix: 'engine-free', account: ACCOUNT, to: 'somebody' }],
    ['free, to nobody', { minimix: 'engine-free', account: ACCOUNT }],
    ['that is no such word', { minimix: 'engine-taken', account: ACCOUNT, to: 'worker-1' }],
  ])('as an answer %s is none', async (_what, word) => {
    const { worker, hub, locks, clock } = stage()
    await webLocks(locks.agent().manager).hold(LOCK)
    const { engine, claims } = worker()
    const claiming = claims()
    await turns()

    hub.member().post(word)

    expect(await claiming).toBe('waits')
    expect([engine.ours, clock.waiting, hub.said.length]).toEqual([false, 1, 2])
  })

  test('as an answer that nobody waits for does no harm', async () => {
    const { worker, hub } = stage()
    const { engine } = worker()

    hub.member().post({ minimix: 'engine-kept', account: ACCOUNT, contract: 1, to: 'worker-1' })
    await turns(2)

    expect([engine.ours, hub.said.length]).toEqual([false, 1])
  })
})

test('an account whose hand-over fails is free all the same, and whoever asked is told at once', async () => {
  const { worker, locks, clock } = stage()
  const first = worker({ gives: () => true, handOver: () => Promise.reject(new Error('the disk is full')) })
  await first.claims()

  expect(await worker().claims()).toEqual({ ours: true })

  expect([first.engine.ours, locks.isHeld(LOCK), clock.waiting]).toEqual([false, true, 0])
})
