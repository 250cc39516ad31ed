// Package day holds civil days, instants and the legal calendar.
//
// Words:
//
//	Day       日期      a day as the wall calendar names it, without a clock or a zone
//	Instant   时刻      a point on the time line, microseconds UTC
//	Calendar  工作日历   days off and make-up working days by the State Council's notices
//	Hours     办公时间   the daily spans in which an office counts hours
//	Limit     期限      a length of time with its unit, such as 5 working days
//	Due       到期      where a limit ends, and whether the calendar there is known
//
// Periods follow the Civil Code 200 to 204 (R53) on the calendar of R52: the day of the event is not
// counted, a month ends on the corresponding day or on the month's last, a last day that is a day off
// moves to the next day that is none, and a make-up working day is no day off.
//
// Never: read the clock, read the machine's zone files, guess the holidays of a year whose notice is not
// out (such results are called provisional).
package day
