import { createContext, useContext } from 'react';
import type { Me } from './api/types';

export const MeContext = createContext<Me | null>(null);

/** Who is signed in; only below the sign-in. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error('nobody is signed in here');
  return me;
}

export const useMay = (permission: string): boolean => useMe().permissions.includes(permission);
