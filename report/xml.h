/*
 * Text within XML 1.0.
 */
#ifndef ASSAY_REPORT_XML_H
#define ASSAY_REPORT_XML_H

#include "report/output.h"

/* Writes text fit for content and for attributes, as pure ASCII: markup and what is not ASCII as
 * character references, and U+FFFD for whatever XML forbids (control bytes; section 2.2) and for
 * bytes that are not UTF-8. */
void xml_text(struct writer *writer, const char *text);

/* name="value", with a blank before it. */
void xml_attribute(struct writer *writer, const char *name, const char *value);

#endif
