import { useMemo } from 'react'
import type { Account, ConnectOptions } from '../index.ts'
import { Connection, type ConnectionState, isAccount, UNCONNECTED } from './connection.ts'
import { useWatched } from './snapshots.ts'

/** What `useAccount` gives. */
export interface AccountConnection extends ConnectionState {
  /** Tries to connect once more, where that has failed. */
  readonly retry: () => void
}

/**
 * The account: connected while the component is there, and detached from this tab when it is gone. Other values in the
 * options connect anew, other functions do not. Give it `undefined` as long as nobody has signed in.
 *
 * With an account in their place it says where that one stands, and neither connects nor detaches. Call it once with
 * options, and hand the account on.
 *
 * @throws TypeError for options of the wrong type
 */
export function useAccount(of: Omit<ConnectOptions, 'signal'> | Account | undefined): AccountConnection {
  const account = of && isAccount(of) ? of : undefined
  // Functions are left out, and options are written anew for each render.
  const words = of && !account ? JSON.stringify(of) : undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words stand for the options
  const connection = useMemo(() => of && new Connection(of), [account, words])
  const state = useWatched(connection, of && !account ? CONNECTING : UNCONNECTED)
  return useMemo(() => ({ ...state, retry: connection?.retry ?? (() => undefined) }), [state, connection])
}

const CONNECTING: ConnectionState = { ...UNCONNECTED, status: 'connecting' }
