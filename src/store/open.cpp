#include "store/open.hpp"

#include "store/sqlite/open.hpp"
#include "store/threaded_database.hpp"

namespace beamline::store {

result<std::unique_ptr<database>> open_database(const store_options& opts, telemetry& events, const clock& time) {
  auto opened = sqlite::open({.path = opts.path,
                              .vfs = {},
                              .readers = opts.readers,
                              .busy_timeout = opts.busy_timeout,
                              .size_max = opts.size_max.bytes},
                             time);
  if (!opened)
    return opened.error();
  const auto limits = job_queue::limits{.queue_max = opts.queue_max, .batch_max = opts.batch_max};
  return std::unique_ptr<database>{std::make_unique<threaded_database>(std::move(*opened), limits, events, time)};
}

}  // namespace beamline::store
