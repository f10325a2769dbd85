/** The name that messages come from: the tenant's. */
import { onOneLine, shortened } from '../../values/display-name.ts';

const longestName = 60;

export const senderName = (tenantName: string): string => shortened(onOneLine(tenantName), longestName, '…');
