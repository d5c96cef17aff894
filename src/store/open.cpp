#include "store/open.hpp"

#include "store/postgres/open.hpp"
#include "store/sqlite/open.hpp"
#include "store/threaded_database.hpp"

namespace beamline::store {

namespace {

result<std::unique_ptr<database>> serve(result<connections> opened, const store_options& opts, telemetry& events,
                                        const clock& time) {
  if (!opened)
    return opened.error();
  const auto limits = job_queue::limits{.queue_max = opts.queue_max, .batch_max = opts.batch_max};
  return std::unique_ptr<database>{std::make_unique<threaded_database>(std::move(*opened), limits, events, time)};
}

}  // namespace

result<std::unique_ptr<database>> open_database(const store_options& opts, telemetry& events, const clock& time) {
  if (opts.database_url.empty())
    return open_file(opts, events, time);
  return serve(postgres::open({.url = opts.database_url,
                               .readers = opts.readers,
                               .connect_timeout = opts.connect_timeout,
                               .lock_timeout = opts.busy_timeout,
                               .application_name = opts.application_name},
                              events, time),
               opts, events, time);
}

result<std::unique_ptr<database>> open_file(const store_options& opts, telemetry& events, const clock& time) {
  return serve(sqlite::open({.path = opts.path,
                             .vfs = {},
                             .readers = opts.readers,
                             .busy_timeout = opts.busy_timeout,
                             .size_max = opts.size_max.bytes,
                             .check_size_max = opts.check_size_max.bytes},
                            time),
               opts, events, time);
}

}  // namespace beamline::store
