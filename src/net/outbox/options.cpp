#include "net/outbox/options.hpp"

namespace beamline::net::outbox {

config::section<outbox_options> outbox_section() {
  using config::length;
  using config::range;
  return config::section<outbox_options>{"outbox", "What waits on this node until the node that it is for is there"}
      .key("durable", &outbox_options::durable,
           "keep what waits in a database of this node; false: in memory, and what is left at the end in recovery_path")
      .key("path", &outbox_options::path, "that database; relative to node.data_dir, on a local disk", length{1, 1024})
      .key("recovery_path", &outbox_options::recovery_path,
           "file for accepted events that cannot be kept any more, for `beamline outbox import`; relative to "
           "node.data_dir",
           length{1, 1024})
      .key("entries_max", &outbox_options::entries_max,
           "entries that may wait; one more takes the place of one that may be dropped (visits), or is refused",
           range{1, 1'000'000})
      .key("bytes_max", &outbox_options::bytes_max, "the same in bytes, held in memory", range{1_MiB, 1_GiB})
      .key("dead_max", &outbox_options::dead_max, "dead letters that are kept; the oldest goes to recovery_path",
           range{1, 100'000})
      .key("events_per_s", &outbox_options::events_per_s,
           "what waited is sent at this rate at most, so that nobody who comes back is flooded", range{1, 1'000'000})
      .key("start_delay_max", &outbox_options::start_delay_max,
           "sending begins somewhere between at once and so much later when a target has come up", range{0ms, 1min})
      .key("retry_min", &outbox_options::retry_min,
           "after a failure, the first pause; it doubles with each further one", range{10ms, 1h})
      .key("retry_max", &outbox_options::retry_max, "the longest pause", range{10ms, 24h})
      .key("age_max", &outbox_options::age_max,
           "what waits longer becomes a dead letter; a target must remember what it applied for a day longer",
           range{1min, 365 * 24h})
      .key("call_time", &outbox_options::call_time,
           "how long the target may take for an answer; then the event is kept, and sent again",
           range{10ms, call_time_max})
      .key("flush_time", &outbox_options::flush_time, "at the end of the node, how long what waits may still be sent",
           range{0ms, 1min})
      .check([](const outbox_options& o) -> std::optional<config::complaint> {
        if (o.retry_min > o.retry_max)
          return config::complaint{"retry_min", "must not be longer than outbox.retry_max"};
        return std::nullopt;
      });
}

}  // namespace beamline::net::outbox
