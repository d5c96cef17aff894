#include "store/options.hpp"

namespace beamline::store {

config::section<store_options> store_section() {
  using config::length;
  using config::range;
  return config::section<store_options>{"store", "Where the node keeps its data"}
      .key("path", &store_options::path,
           "database file; its directory must exist and be on a local disk. \":memory:\" keeps nothing (needs readers "
           "= 0)",
           length{1, 1024})
      .key("database_url", &store_options::database_url,
           "PostgreSQL database that keeps the data instead of the file: postgresql://user:password@host:5432/name",
           config::env{"BEAMLINE_DATABASE_URL"}, config::secret{}, length{0, 4096})
      .key("queue_max", &store_options::queue_max, "requests that may wait; more are answered \"busy\"",
           range{1, 1'000'000})
      .key("batch_max", &store_options::batch_max, "transactions that share one commit", range{1, 10'000})
      .key("readers", &store_options::readers, "threads that read beside the writer; 0: the writer reads too",
           range{0, 64})
      .key("busy_timeout", &store_options::busy_timeout, "how long to wait for another program's lock",
           range{0ms, 1min})
      .key("size_max", &store_options::size_max, "the file does not grow beyond this; writing then fails",
           range{1_MiB, 4096_GiB})
      .key("check_size_max", &store_options::check_size_max,
           "a file up to this size is checked page by page at the start; 0B: never", range{0_MiB, 4096_GiB})
      .key("connect_timeout", &store_options::connect_timeout,
           "how long an attempt to connect to the database server may take", range{2s, 1min})
      .check([](const store_options& o) -> std::optional<config::complaint> {
        if (o.path == ":memory:" && o.readers > 0 && o.database_url.empty())
          return config::complaint{"readers",
                                   "must be 0 when store.path is \":memory:\", which only one connection sees"};
        return std::nullopt;
      });
}

}  // namespace beamline::store
