#include "pubsub/system/partition_process.hpp"

#include "pubsub/system/delivery.hpp"

#include <utility>

namespace beamline::pubsub::detail {

behavior partition_process::init() {
  for (auto id : of_.table().at(index_).attach(resume_with([this] { look(); })))
    watch_subscriber(id);
  look();
  return handlers();
}

void partition_process::terminate(const reason&) { of_.table().at(index_).detach(); }

void partition_process::look() {
  auto news = of_.table().at(index_).take_changes();
  for (const auto& [id, is_subscribed] : news.processes)
    is_subscribed ? watch_subscriber(id) : unwatch_subscriber(id);
  if (news.is_owing && !std::exchange(is_retry_due_, true))
    run_after(signal_retry, [this] { retry(); });
}

void partition_process::watch_subscriber(std::uint64_t id) {
  if (auto [w, is_new] = watches_.try_emplace(id); is_new)
    w->second = watch(pid{env().self(), id}, [this, id](const reason&) {
      watches_.erase(id);
      of_.forget(index_, id);
    });
}

void partition_process::unwatch_subscriber(std::uint64_t id) {
  if (auto w = watches_.extract(id))
    unwatch(w.mapped());
}

void partition_process::retry() {
  is_retry_due_ = false;
  auto& table = of_.table().at(index_);
  for (const auto& one : table.owed())
    if (table.settle(*one) && !wake_again(of_, *this, one))
      table.owe(one);  // And it is its turn to look again.
}

}  // namespace beamline::pubsub::detail
