#pragma once

// Runs the tasks of one stream for its owner (M24):
//
//   owner                      coordinator                      tasks
//     <------------- pull(n) ----|
//     run_item x n, or no_more ->| starts them, at most max_concurrency
//                                | <-------------- values, ends --|   its watches, its timers
//     <----------- item(i, ...) -|
//     stop_stream -------------->| kills what runs, waits until it is gone
//     <---------------- ended ---| and is gone itself
//
// To the owner it speaks through `resume_with`, so the owner's handlers see nothing of it.

#include "supervision/tasks/stream_window.hpp"
#include "supervision/tasks/task_core.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>

namespace beamline::supervision::detail {

/// One input, made ready to be run.
struct run_item {
  std::shared_ptr<task_plan> plan;
};
struct no_more_items {};
struct stop_stream {};

/// What the owner hears, in its own turns and in this order of events.
struct stream_reports {
  std::function<void(std::size_t)> pull;  // Give so many more inputs.
  std::function<void(std::uint64_t, raw_outcome)> item;
  // An item's task failed by itself; told at once, before `item`, which may have to wait for its place.
  std::function<void(reason)> failed;
  // Nothing of the stream is left. With an error: it could not go on.
  std::function<void(std::optional<task_error>)> ended;
};

class stream_coordinator final : public process {
public:
  stream_coordinator(process_context& c, pid owner, pid supervisor, const stream_options& o, stream_reports r);

  behavior init() override;
  void terminate(const reason& why) override;

private:
  using index = stream_window::index;

  void pull();
  void start(task_plan plan);
  void out_of_time(index i);
  void finish(index i, raw_outcome o);
  void close(std::optional<task_error> why);
  void end();

  pid owner_;
  pid supervisor_;
  stream_options options_;
  stream_reports reports_;
  stream_window window_;
  std::map<index, std::shared_ptr<task_core>> running_;
  std::map<index, raw_outcome> held_;  // Finished before their turn.
  bool is_closing_ = false;
  std::optional<task_error> why_;
};

}  // namespace beamline::supervision::detail
