/** Address of a visit as a file for the viewer's own calendar. */
export const calendarFile = (id: string) =>
  `/api/v1/appointments/${encodeURIComponent(id)}/calendar.ics`;
