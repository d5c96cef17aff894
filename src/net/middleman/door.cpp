#include "net/middleman/door.hpp"

#include "net/middleman/carried_envelope.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <set>
#include <string>
#include <utility>

namespace beamline::net {

namespace {

// CAF wants a number for what is published; it opens nothing.
constexpr std::uint16_t no_port = 1;
constexpr std::uint64_t connect_request = caf::message_id::default_async_value | 1U;

// What a callback throws is a broken invariant. Let through, it would end CAF's broker, and all links with it, in
// silence.
template <class F, class... Args>
void tell(const F& callback, Args&&... args) noexcept {
  if (callback)
    callback(std::forward<Args>(args)...);
}

}  // namespace

void door::begin(const caf::actor& broker, caf::io::scribe_ptr scribe) {
  auto self = caf::strong_actor_ptr{ctrl()};
  if (side_ == link_side::acceptor)
    caf::anon_send(broker, caf::publish_atom_v, std::move(scribe), no_port, self, std::set<std::string>{});
  else
    broker->enqueue(caf::make_mailbox_element(self, caf::make_message_id(connect_request), {}, caf::connect_atom_v,
                                              std::move(scribe), no_port),
                    nullptr);
}

void door::enqueue(caf::mailbox_element_ptr m, caf::execution_unit*) {
  auto& content = m->content();
  std::lock_guard lock{callbacks_};
  if (is_closed_)
    return drop();
  if (m->mid.is_response())
    handle_answer(content);
  else if (content.match_elements<carried_envelope>())
    handle_envelope(m->sender, std::move(content.get_mutable_as<carried_envelope>(0).octets));
  else
    drop();
}

void door::handle_answer(caf::type_erased_tuple& content) {
  if (is_answered_ || side_ != link_side::dialler)
    return drop();
  if (content.match_elements<caf::node_id, caf::strong_actor_ptr, std::set<std::string>>()) {
    auto far = content.get_as<caf::strong_actor_ptr>(1);
    if (!far || far->node() == home_system().node())
      return fail({errc::unavailable, "the middleman found no door at the far end"});
    // The hello: from its sender the far end learns of this door.
    far->enqueue(
        caf::make_mailbox_element(caf::strong_actor_ptr{ctrl()}, caf::make_message_id(), {}, carried_envelope{}),
        nullptr);
    open(std::move(far));
  } else if (content.match_elements<caf::error>()) {
    fail(
        {errc::unavailable, "the middleman could not connect: " + home_system().render(content.get_as<caf::error>(0))});
  } else {
    fail({errc::unavailable, "the middleman gave an answer that is none"});
  }
}

void door::handle_envelope(const caf::strong_actor_ptr& sender, bytes octets) {
  if (is_answered_) {
    tell(events_.received, std::move(octets));
  } else if (side_ == link_side::acceptor && sender && sender->node() != home_system().node()) {
    open(sender);
  } else {
    drop();
  }
}

void door::open(caf::strong_actor_ptr far) {
  is_answered_ = true;
  {
    std::lock_guard lock{far_mutex_};
    far_ = std::move(far);
  }
  tell(events_.opened, result<void>{});
}

void door::fail(error e) {
  if (!std::exchange(is_answered_, true))
    tell(events_.opened, result<void>{std::move(e)});
}

void door::send(bytes envelope) {
  auto far = caf::strong_actor_ptr{};
  {
    std::lock_guard lock{far_mutex_};
    far = far_;
  }
  if (far)
    far->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, carried_envelope{std::move(envelope)}),
                 nullptr);
}

void door::close() {
  {
    std::lock_guard lock{far_mutex_};
    far_ = nullptr;
  }
  {
    std::lock_guard lock{callbacks_};
    is_closed_ = true;
    events_ = {};
  }
  cleanup(caf::exit_reason::user_shutdown, nullptr);
}

}  // namespace beamline::net
