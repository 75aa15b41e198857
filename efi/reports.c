#include "efi/reports.h"

#include "base/error.h"

static int to_store(void *context, const void *data, size_t size)
{
    const struct store *store = context;

    return store->append(store->context, data, size);
}

static int write_file(const struct report_file *file, const struct reports *reports, bool grows)
{
    const struct store *store = reports->store;
    struct output output = {.context = (void *)store, .write = to_store};
    int error = store->create(store->context, file->name, grows);
    int end_error;

    if (error)
        return error;
    error = file->write(&reports->source, &output);
    end_error = store->finish(store->context);
    return error ? error : end_error;
}

static bool is_due(const struct reports *reports, unsigned index, bool grows)
{
    const struct report_file *file = &report_files[index];

    if (grows)
        return reports->late >> index & 1;
    return !file->is_due || file->is_due(&reports->source);
}

int reports_write(struct reports *reports, bool grows)
{
    int first = OK;

    for (unsigned i = 0; i < REPORT_FILES; i++) {
        int error = is_due(reports, i, grows) ? write_file(&report_files[i], reports, grows) : OK;

        if (!grows && (error == ERR_FULL || error == ERR_ABSENT)) {
            reports->late |= 1u << i;
        } else if (error && !first) {
            first = error;
            reports->failed = report_files[i].name;
        }
    }
    return first;
}
