#pragma once

// The same work in CAF alone, over its own TCP port: the base line of the ratios.

#include <caf/all.hpp>
#include <caf/io/all.hpp>

#include <cstdint>
#include <string>

namespace beamline::bench {

struct plain_question {
  std::int64_t number = 0;
};
struct plain_note {
  std::int64_t number = 0;
};
struct plain_await {
  std::int64_t until = 0;
};
template <class I>
typename I::result_type inspect(I& f, plain_question& x) {
  return f(caf::meta::type_name("q"), x.number);
}
template <class I>
typename I::result_type inspect(I& f, plain_note& x) {
  return f(caf::meta::type_name("n"), x.number);
}
template <class I>
typename I::result_type inspect(I& f, plain_await& x) {
  return f(caf::meta::type_name("a"), x.until);
}

class plain_echo : public caf::event_based_actor {
public:
  using caf::event_based_actor::event_based_actor;
  caf::behavior make_behavior() override {
    return {[](const plain_question& q) { return q.number; },
            [this](const plain_note&) {
              if (++notes_ == until_)
                answer_.deliver(notes_);
            },
            [this](const plain_await& a) -> caf::result<std::int64_t> {
              until_ = a.until;
              if (notes_ >= until_)
                return notes_;
              answer_ = make_response_promise();
              return answer_;
            }};
  }

private:
  std::int64_t notes_ = 0;
  std::int64_t until_ = -1;
  caf::response_promise answer_;
};

/// CAF's system as our node configures it, with its middleman at its best on two cores (the CAF note, 7.8).
class plain_node {
public:
  struct config : caf::actor_system_config {
    config() {
      set("scheduler.policy", caf::atom("sharing"));
      set("scheduler.max-threads", std::size_t{2});
      set("scheduler.max-throughput", std::size_t{100});
      set("middleman.workers", std::size_t{0});
      load<caf::io::middleman>();
      add_message_type<plain_question>("q");
      add_message_type<plain_note>("n");
      add_message_type<plain_await>("a");
    }
  };

  // CAF waits for its actors at the end, and one that is published does not end by itself.
  ~plain_node() { caf::anon_send_exit(echo_, caf::exit_reason::user_shutdown); }

  [[nodiscard]] caf::actor_system& system() noexcept { return system_; }
  std::uint16_t publish() {
    echo_ = system_.spawn<plain_echo>();
    return *system_.middleman().publish(echo_, 0, "127.0.0.1");
  }
  caf::actor remote(std::uint16_t port) { return *system_.middleman().remote_actor("127.0.0.1", port); }

private:
  config config_;
  caf::actor_system system_{config_};
  caf::actor echo_;
};

}  // namespace beamline::bench
