#include "supervision/tasks/stream_coordinator.hpp"

namespace beamline::supervision::detail {

stream_coordinator::stream_coordinator(process_context& c, pid owner, pid supervisor, const stream_options& o,
                                       stream_reports r)
    : process{c},
      owner_{std::move(owner)},
      supervisor_{std::move(supervisor)},
      options_{o},
      reports_{std::move(r)},
      window_{{.max_concurrency = o.max_concurrency, .ordered = o.ordered, .buffered_max = o.buffered_max}} {}

behavior stream_coordinator::init() {
  watch(owner_, [this](const reason&) { close({}); });
  pull();
  return handlers([this](const run_item& m) { start(*m.plan); },
                  [this](const no_more_items&) {
                    window_.end_input();
                    if (window_.is_complete())
                      end();
                  },
                  [this](const stop_stream&) { close({}); });
}

void stream_coordinator::terminate(const reason&) {
  for (const auto& [i, core] : running_)
    core->abandon();
}

void stream_coordinator::pull() {
  if (auto n = window_.ask(); n > 0 && !is_closing_)
    reports_.pull(n);
}

void stream_coordinator::start(task_plan plan) {
  if (is_closing_)
    return;
  auto i = window_.start();
  auto core = task_core::start(*this, supervisor_, std::move(plan));
  running_[i] = core;
  core->yield(options_.timeout, [this, i](std::optional<raw_outcome> o) {
    if (o)
      finish(i, std::move(*o));
    else
      out_of_time(i);
  });
}

void stream_coordinator::out_of_time(index i) {
  if (options_.on_timeout == on_timeout::exit)
    return close(task_error{task_error::kind::timeout});
  // Its place is free when it is gone.
  running_[i]->shutdown(shutdown_policy::brutal_kill(), [this, i](std::optional<raw_outcome> o) {
    auto has_value = o && std::holds_alternative<raw_value>(*o);
    finish(i, has_value ? std::move(*o) : raw_outcome{task_error{task_error::kind::timeout}});
  });
}

void stream_coordinator::finish(index i, raw_outcome o) {
  running_.erase(i);
  if (is_closing_) {
    if (running_.empty())
      end();
    return;
  }
  if (const auto* e = std::get_if<task_error>(&o)) {
    if (e->what == task_error::kind::not_started)
      return close(*e);
    if (e->what == task_error::kind::ended)
      reports_.failed(e->why);
  }
  held_.emplace(i, std::move(o));
  for (auto due : window_.finish(i)) {
    auto item = held_.extract(due);
    reports_.item(due, std::move(item.mapped()));
  }
  if (window_.is_complete())
    end();
  else
    pull();
}

void stream_coordinator::close(std::optional<task_error> why) {
  if (is_closing_)
    return;
  is_closing_ = true;
  why_ = std::move(why);
  held_.clear();
  if (running_.empty())
    return end();
  for (const auto& [i, core] : running_)
    core->end_now([this, i = i] { finish(i, raw_value{}); });
}

void stream_coordinator::end() {
  reports_.ended(std::move(why_));
  stop();
}

}  // namespace beamline::supervision::detail
