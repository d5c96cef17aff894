#include "actors/remote_signals.hpp"

#include "actors/names.hpp"

#include <algorithm>

namespace beamline::remote {

namespace {

enum class tag : std::uint8_t { cast = 1, exit, watch, unwatch, down, call, reply, failure };

struct encoder {
  byte_writer& out;

  void begin(tag t) const { out.u8(static_cast<std::uint8_t>(t)); }

  void write(const address& a) const {
    out.varint(a.incarnation);
    out.varint(a.id);
    if (a.id == 0)
      out.blob(a.name);
  }
  void write(const reason& r) const {
    out.u8(static_cast<std::uint8_t>(r.why));
    out.blob(std::string_view{r.text}.substr(0, reason_text_octets_max));
  }
  void write(const content& c) const {
    out.blob(c.name);
    out.blob(c.octets);
  }
  void write(std::uint64_t who, std::uint64_t ref) const {
    out.varint(who);
    out.varint(ref);
  }

  void operator()(const cast& s) const {
    begin(tag::cast);
    write(s.to);
    write(s.what);
  }
  void operator()(const exit& s) const {
    begin(tag::exit);
    out.varint(s.from);
    write(s.to);
    write(s.why);
  }
  void operator()(const watch& s) const {
    begin(tag::watch);
    write(s.watcher, s.ref);
    write(s.target);
  }
  void operator()(const unwatch& s) const {
    begin(tag::unwatch);
    write(s.watcher, s.ref);
  }
  void operator()(const down& s) const {
    begin(tag::down);
    write(s.watcher, s.ref);
    write(s.why);
  }
  void operator()(const call& s) const {
    begin(tag::call);
    write(s.caller, s.ref);
    write(s.to);
    out.varint(static_cast<std::uint64_t>(std::max(s.within, duration::zero()).count()));
    write(s.what);
  }
  void operator()(const reply& s) const {
    begin(tag::reply);
    write(s.caller, s.ref);
    write(s.what);
  }
  void operator()(const failure& s) const {
    begin(tag::failure);
    write(s.caller, s.ref);
    out.u8(static_cast<std::uint8_t>(s.why.what));
    write(s.why.why);
  }
  void operator()(const unknown& s) const { out.u8(s.tag); }
};

struct decoder {
  byte_reader& in;

  [[nodiscard]] address read_address() const {
    address a;
    a.incarnation = in.varint();
    a.id = in.varint();
    if (a.id != 0)
      return a;
    a.name = in.blob(name_table::name_bytes_max);
    if (in.ok() && a.name.empty())
      in.fail(errc::corrupt, "the address of a process needs an id or a name");
    return a;
  }
  [[nodiscard]] reason read_reason() const {
    reason r;
    auto kind = in.u8();
    r.text = in.blob(reason_text_octets_max);
    if (kind > static_cast<std::uint8_t>(reason::kind::kill))  // A later release's: its words still say something.
      return reason::custom(std::move(r.text));
    r.why = static_cast<reason::kind>(kind);
    return r;
  }
  [[nodiscard]] content read_content() const {
    content c;
    c.name = in.blob(name_table::name_bytes_max);
    if (in.ok() && c.name.empty())
      in.fail(errc::corrupt, "a message between nodes needs a name");
    c.octets = in.blob(in.remaining());
    return c;
  }
  [[nodiscard]] duration read_duration() const {
    auto ns = in.varint();
    return duration{static_cast<duration::rep>(std::min(ns, static_cast<std::uint64_t>(duration::max().count())))};
  }
  [[nodiscard]] call_error read_call_error() const {
    auto kind = in.u8();
    auto why = read_reason();
    if (kind > static_cast<std::uint8_t>(call_error::kind::crashed))
      return {call_error::kind::crashed, reason::custom("a failure that this release does not know: " + why.text)};
    return {static_cast<call_error::kind>(kind), std::move(why)};
  }

  // Fields are read in the order of the members: an initializer list is evaluated from left to right.
  [[nodiscard]] signal read() const {
    auto t = in.u8();
    switch (static_cast<tag>(t)) {
      case tag::cast: return cast{read_address(), read_content()};
      case tag::exit: return exit{in.varint(), read_address(), read_reason()};
      case tag::watch: return watch{in.varint(), in.varint(), read_address()};
      case tag::unwatch: return unwatch{in.varint(), in.varint()};
      case tag::down: return down{in.varint(), in.varint(), read_reason()};
      case tag::call: return call{in.varint(), in.varint(), read_address(), read_duration(), read_content()};
      case tag::reply: return reply{in.varint(), in.varint(), read_content()};
      case tag::failure: return failure{in.varint(), in.varint(), read_call_error()};
    }
    return unknown{t};
  }
};

}  // namespace

call_error not_supported(const std::string& why) {
  return {call_error::kind::crashed, reason::custom("notsup: " + why)};
}

bytes encode(const signal& s) {
  byte_writer out;
  std::visit(encoder{out}, s);
  return out.take();
}

result<signal> decode(std::string_view octets) {
  byte_reader in{octets};
  auto s = decoder{in}.read();
  if (auto done = in.status(); !done)
    return error{errc::corrupt, "a signal between processes: " + done.error().message};
  return s;
}

}  // namespace beamline::remote
