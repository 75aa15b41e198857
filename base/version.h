/* The version, as it stands on the screen and in every report. */
#ifndef ASSAY_BASE_VERSION_H
#define ASSAY_BASE_VERSION_H

#define ASSAY_VERSION "0.1.0"

#endif
