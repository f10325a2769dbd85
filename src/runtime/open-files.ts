/** The limit of open files, which connections count towards. Node raises it at its start as far as the system lets it. */

/** What a report of Node says of this. Its types leave the contents open. */
type Report = { userLimits?: { open_files?: { soft: number | string } } };

/** `Infinity` if there is no limit, or none is known, as on Windows. */
export function openFilesLimit(): number {
  // Otherwise it would look up the names of the other ends of all connections. The types do not know this property.
  Object.assign(process.report, { excludeNetwork: true });
  const { userLimits } = process.report.getReport() as Report;
  const soft = userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : Infinity;
}
