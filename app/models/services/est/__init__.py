"""EST servers, and the enrolment of devices at them (RFC 7030)."""
