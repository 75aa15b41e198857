#include "efi/reports.h"

#include "base/error.h"
#include "report/files.h"

static int to_store(void *context, const void *data, size_t size)
{
    const struct store *store = context;

    return store->append(store->context, data, size);
}

static int write_file(const struct report_file *file, const struct report_source *source,
                      const struct store *store)
{
    struct output output = {.context = (void *)store, .write = to_store};
    int error = store->create(store->context, file->name);
    int end_error;

    if (error)
        return error;
    error = file->write(source, &output);
    end_error = store->finish(store->context);
    return error ? error : end_error;
}

int reports_write(const char *journal, size_t size, const struct model *model,
                  const struct store *store, const char **ret_name)
{
    struct report_source source = {.journal = journal, .size = size, .model = model};
    int first = OK;

    for (unsigned i = 0; i < REPORT_FILES; i++) {
        const struct report_file *file = &report_files[i];
        int error = OK;

        if (!file->is_due || file->is_due(&source))
            error = write_file(file, &source, store);
        if (error && !first) {
            first = error;
            *ret_name = file->name;
        }
    }
    return first;
}
