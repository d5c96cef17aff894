#include "net/nodes/attempt.hpp"

#include "base/random.hpp"

#include <span>
#include <utility>

namespace beamline::net {

namespace {

constexpr std::size_t nonce_octets = 32;
constexpr std::size_t read_octets = 8 * 1024;

connect_outcome::kind kind_of(const handshake_failure& f) {
  if (f.told == verdict::self)
    return connect_outcome::kind::self;
  switch (f.what) {
    case handshake_failure::kind::refused: return connect_outcome::kind::refused;
    case handshake_failure::kind::unproven: return connect_outcome::kind::unproven;
    default: return connect_outcome::kind::unacceptable;
  }
}

}  // namespace

attempt::attempt(environment& env, event_loop& loop, options o, events e)
    : env_{env},
      options_{std::move(o)},
      events_{std::move(e)},
      timer_{env, loop},
      patience_{env, loop},
      began_{env.time().now()} {}

attempt::~attempt() = default;

std::string attempt::peer_name() const { return peer() == nullptr ? options_.who.name : peer()->identity.name; }

void attempt::dial(byte_network& network) {
  limit_time(to_string(options_.to) + " did not finish the handshake in time; does a node listen there?");
  network.dial(options_.to, options_.setup_time,
               [weak = weak_from_this()](result<std::unique_ptr<byte_stream>> stream) {
                 auto self = weak.lock();
                 if (!self || self->is_over_)
                   return;
                 if (!stream)
                   return self->fail({connect_outcome::kind::unreachable, {}, stream.error().message});
                 // What a name leads to is known only now.
                 const auto& object = self->events_.object;
                 if (auto why = object ? object((*stream)->remote()) : std::string{}; !why.empty())
                   return self->fail({connect_outcome::kind::insecure, {}, std::move(why)});
                 self->begin(std::move(*stream));
               });
}

void attempt::accept(std::unique_ptr<byte_stream> stream) {
  limit_time("it did not finish the handshake in time");
  begin(std::move(stream));
}

void attempt::limit_time(std::string late) {
  timer_.arm(env_.time().now() + options_.setup_time, [this, late = std::move(late)] {
    is_late_ = true;
    fail({connect_outcome::kind::unreachable, peer_name(), late});
  });
}

void attempt::begin(std::unique_ptr<byte_stream> stream) {
  stream_ = std::move(stream);
  auto security = stream_->security();
  handshake::options o;
  o.self = options_.self;
  o.keys = options_.keys;
  o.nonce = bytes(nonce_octets, '\0');
  env_.random().fill(std::as_writable_bytes(std::span{o.nonce}));
  o.channel_binding = security.channel_binding;
  o.protocol_max = options_.protocol_max;
  o.expected_name = options_.who.name;
  o.expected_role = options_.who.role;
  o.is_certified = options_.needs_certificate;
  o.certificate_names = security.peer_names;
  o.judge = events_.judge;
  talk_.emplace(options_.side == link_side::dialler ? handshake::side::dialler : handshake::side::acceptor,
                std::move(o));
  for (const auto& m : talk_->begin())
    append_relay_frame(out_, frame_kind::handshake, m);
  write();
  read();
}

void attempt::read() {
  stream_->read(read_octets, [weak = weak_from_this()](result<bytes> octets) {
    if (auto self = weak.lock(); self && !self->is_over_)
      self->handle(std::move(octets));
  });
}

void attempt::handle(result<bytes> octets) {
  if (failure_)
    return;  // Only its last word is still to go.
  if (!octets || octets->empty())
    return fail(*(failure_ = talk_->hung_up()));
  frames_.feed(*octets);
  while (!is_proven_) {
    auto frame = frames_.next();
    if (!frame)
      return fail({connect_outcome::kind::unacceptable, peer_name(), "no handshake: " + frame.error().message});
    if (!*frame)
      return read();
    auto step = talk_->receive((*frame)->body);
    // All but hello and challenge proves something.
    auto is_proof = options_.side == link_side::dialler || has_challenged_;
    has_challenged_ = true;
    if (is_shown())
      events_.shown();
    auto& to = step.failed || !is_proof ? out_ : held_;
    for (const auto& m : step.send)
      append_relay_frame(to, frame_kind::handshake, m);
    if (step.failed) {
      failure_ = std::move(step.failed);
      write();
      if (!is_writing_)
        fail(*failure_);
      return;
    }
    is_proven_ = step.is_done;
    if (!step.is_done)
      write();
    go_on();
    if (is_over_)
      return;
  }
}

void attempt::go_on() {
  if (is_over_ || failure_ || !talk_ || (held_.empty() && !is_proven_))
    return;
  if (events_.must_wait(has_waited_)) {
    if (options_.side == link_side::dialler && !std::exchange(is_waiting_, true))
      patience_.arm(env_.time().now() + options_.patience, [this] {
        has_waited_ = true;
        go_on();
      });
    return;
  }
  out_ += std::exchange(held_, {});
  write();
  // A link writes from its first moment on, so what is left of the handshake goes first.
  if (is_proven_ && !is_writing_) {
    timer_.cancel();
    patience_.cancel();
    events_.proven();
  }
}

void attempt::write() {
  if (is_writing_ || out_.empty())
    return;
  is_writing_ = true;
  stream_->write(std::exchange(out_, {}), [weak = weak_from_this()](result<void> done) {
    auto self = weak.lock();
    if (!self || self->is_over_)
      return;
    self->is_writing_ = false;
    if (self->failure_)
      return self->fail(*self->failure_);
    if (!done)
      return self->fail(*(self->failure_ = self->talk_->hung_up()));
    self->write();
    self->go_on();
  });
}

attempt::taken attempt::take() {
  is_over_ = true;
  return {std::move(stream_), std::move(frames_)};
}

void attempt::give_up() {
  is_over_ = true;
  timer_.cancel();
  patience_.cancel();
  if (stream_)
    stream_->close();
}

void attempt::fail(const handshake_failure& f) { fail({kind_of(f), peer_name(), f.detail}); }

void attempt::fail(connect_outcome o) {
  if (is_over_)
    return;
  auto keep = shared_from_this();
  give_up();
  events_.failed(o);
}

}  // namespace beamline::net
