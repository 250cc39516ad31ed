// The place that a desk's settings are for: the chosen one, else the first that a post here reaches; empty is everywhere.
import { session } from '@/shared/me'
import { where } from '@/shared/where'

export const at = (): string => where.under || session.me?.grants?.find((g) => g.path)?.path || ''
