#include "net/tcp/dns_question.hpp"

#include "net/tcp/address.hpp"

#include <algorithm>
#include <cassert>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>

namespace beamline::net {

namespace asio = boost::asio;
using error_code = boost::system::error_code;
using asio::posix::stream_descriptor;

namespace {

struct channel_free {
  void operator()(ares_channel c) const { ares_destroy(c); }
};
using channel_ptr = std::unique_ptr<ares_channeldata, channel_free>;

result<channel_ptr> open_channel(const dns_resolver::options& o, ares_sock_state_cb changed, void* self) {
  auto settings = ares_options{};
  settings.timeout = static_cast<int>(std::max<std::int64_t>(to_ms(o.timeout), 1));
  settings.tries = std::max(o.tries, 1);
  settings.sock_state_cb = changed;
  settings.sock_state_cb_data = self;
  auto which = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
  if (!o.servers.empty()) {
    // The search list belongs to the machine's own servers.
    settings.flags = ARES_FLAG_NOSEARCH;
    which |= ARES_OPT_FLAGS;
  }
  ares_channel raw = nullptr;
  if (auto code = ares_init_options(&raw, &settings, which); code != ARES_SUCCESS)
    return error{errc::unavailable, std::string{"name servers cannot be asked: "} + ares_strerror(code)};
  channel_ptr channel{raw};
  if (!o.servers.empty() && ares_set_servers_ports_csv(raw, o.servers.c_str()) != ARES_SUCCESS)
    return error{errc::invalid,
                 "\"" + o.servers + "\" is not a list of name servers; write them as 127.0.0.1:53,[::1]:53"};
  return channel;
}

/// Whether the code is an answer, and not the lack of one.
bool is_no(int code) { return code == ARES_ENOTFOUND || code == ARES_ENODATA || code == ARES_EBADNAME; }

std::string address_text(int family, const void* address) {
  char text[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(family, address, text, sizeof(text));
  return text;
}

int read_addresses(int family, const unsigned char* reply, int octets, std::vector<endpoint>& out) {
  auto count = static_cast<int>(dns_resolver::answers_max);
  if (family == AF_INET) {
    auto found = std::vector<ares_addrttl>(dns_resolver::answers_max);
    auto code = ares_parse_a_reply(reply, octets, nullptr, found.data(), &count);
    for (auto i = 0; code == ARES_SUCCESS && i < count; ++i)
      out.push_back({address_text(AF_INET, &found[static_cast<std::size_t>(i)].ipaddr), 0});
    return code == ARES_SUCCESS && count == 0 ? int{ARES_ENODATA} : code;
  }
  auto found = std::vector<ares_addr6ttl>(dns_resolver::answers_max);
  auto code = ares_parse_aaaa_reply(reply, octets, nullptr, found.data(), &count);
  for (auto i = 0; code == ARES_SUCCESS && i < count; ++i)
    out.push_back({address_text(AF_INET6, &found[static_cast<std::size_t>(i)].ip6addr), 0});
  return code == ARES_SUCCESS && count == 0 ? int{ARES_ENODATA} : code;
}

int read_services(const unsigned char* reply, int octets, std::vector<endpoint>& out) {
  ares_srv_reply* list = nullptr;
  auto code = ares_parse_srv_reply(reply, octets, &list);
  auto all = std::vector<std::tuple<int, int, endpoint>>{};
  for (auto* s = list; s != nullptr && all.size() < dns_resolver::answers_max; s = s->next) {
    auto host = std::string{s->host};
    while (host.ends_with('.'))
      host.pop_back();
    if (!host.empty() && s->port != 0)  // "." says that the service is not offered.
      all.emplace_back(s->priority, -static_cast<int>(s->weight), endpoint{host, s->port});
  }
  ares_free_data(list);
  std::sort(all.begin(), all.end());
  for (auto& [priority, weight, e] : all)
    out.push_back(std::move(e));
  return code == ARES_SUCCESS && out.empty() ? int{ARES_ENODATA} : code;
}

class question_core final : public net_thread::resident, public std::enable_shared_from_this<question_core> {
public:
  question_core(net_thread& home, std::string name, resolver::on_answer done)
      : resident{home}, timer_{home.io()}, name_{std::move(name)}, done_{std::move(done)} {}

  void evict() override {
    done_ = nullptr;
    timer_.cancel();
    channel_.reset();  // Answers what is open with ARES_EDESTRUCTION, and closes the sockets.
  }

  void start(const dns_resolver::options& o, dns_record what) {
    auto opened = open_channel(o, on_socket, this);
    if (!opened)
      return end(opened.error());
    channel_ = std::move(*opened);
    if (what == dns_record::address && find_in_hosts())
      return end(std::move(found_));
    // Asked while another question may be answered at once (a malformed name): it must not be the last.
    open_ = 1;
    if (what == dns_record::address) {
      ask(ns_t_a);
      ask(ns_t_aaaa);
    } else {
      ask(ns_t_srv);
    }
    finish_one();
    rearm();
  }

private:
  struct asked {
    question_core* self;
    ns_type type;
  };

  bool find_in_hosts() {
    for (auto family : {AF_INET, AF_INET6}) {
      hostent* host = nullptr;
      if (ares_gethostbyname_file(channel_.get(), name_.c_str(), family, &host) != ARES_SUCCESS)
        continue;
      for (auto** a = host->h_addr_list; *a != nullptr && found_.size() < dns_resolver::answers_max; ++a)
        found_.push_back({address_text(host->h_addrtype, *a), 0});
      ares_free_hostent(host);
    }
    return !found_.empty();
  }

  void ask(ns_type type) {
    ++open_;
    // Answered exactly once, at the latest by ares_destroy: the core outlives its channel.
    ares_search(channel_.get(), name_.c_str(), ns_c_in, type, on_reply, new asked{this, type});
  }

  static void on_reply(void* data, int code, int, unsigned char* reply, int octets) {
    std::unique_ptr<asked> question{static_cast<asked*>(data)};
    if (code != ARES_EDESTRUCTION)
      question->self->handle_reply(question->type, code, reply, octets);
  }

  void handle_reply(ns_type type, int code, const unsigned char* reply, int octets) {
    if (code == ARES_SUCCESS)
      code = type == ns_t_srv ? read_services(reply, octets, found_)
                              : read_addresses(type == ns_t_a ? AF_INET : AF_INET6, reply, octets, found_);
    if (code != ARES_SUCCESS && (problem_ == ARES_SUCCESS || is_no(problem_)))
      problem_ = code;
    if (code != ARES_SUCCESS && !is_no(code)) {
      (type == ns_t_a ? found_.lacks_a : found_.lacks_aaaa) = true;
      found_.why = std::string{type == ns_t_a ? "A" : "AAAA"} + " of \"" + name_ + "\": " + ares_strerror(code);
    }
    finish_one();
  }

  void finish_one() {
    if (--open_ > 0)
      return;
    if (!found_.empty()) {
      if (found_.size() > dns_resolver::answers_max)
        found_.resize(dns_resolver::answers_max);
      return end(std::move(found_));
    }
    if (is_no(problem_))
      return end(error{errc::not_found, "there is no \"" + name_ + "\" in the DNS: " + ares_strerror(problem_)});
    end(error{errc::unavailable, "no answer about \"" + name_ + "\" from the DNS: " + ares_strerror(problem_)});
  }

  void end(result<name_answer> how) {
    home().post([self = shared_from_this(), how = std::move(how)]() mutable {
      if (auto done = std::exchange(self->done_, nullptr))
        done(std::move(how));
    });
  }

  // -- c-ares's sockets and its clock ------------------------------------------------------

  struct watched {
    explicit watched(asio::io_context& io, int fd) : socket{io, fd} {}
    stream_descriptor socket;  // Borrowed: c-ares closes it.
    bool wants_read = false, wants_write = false;
    bool waits_read = false, waits_write = false;
  };

  static void on_socket(void* data, ares_socket_t fd, int readable, int writable) {
    static_cast<question_core*>(data)->watch(fd, readable != 0, writable != 0);
  }

  void watch(int fd, bool readable, bool writable) {
    auto& w = sockets_[fd];
    if (!readable && !writable) {
      if (w)
        w->socket.release();
      sockets_.erase(fd);
      return;
    }
    if (!w)
      w = std::make_shared<watched>(home().io(), fd);
    w->wants_read = readable;
    w->wants_write = writable;
    wait(w);
  }

  void wait(const std::shared_ptr<watched>& w) {
    if (w->wants_read && !std::exchange(w->waits_read, true))
      w->socket.async_wait(stream_descriptor::wait_read, [self = shared_from_this(), w](error_code ec) {
        w->waits_read = false;
        if (!ec)
          self->process(w, w->socket.native_handle(), ARES_SOCKET_BAD);
      });
    if (w->wants_write && !std::exchange(w->waits_write, true))
      w->socket.async_wait(stream_descriptor::wait_write, [self = shared_from_this(), w](error_code ec) {
        w->waits_write = false;
        if (!ec && w->wants_write)
          self->process(w, ARES_SOCKET_BAD, w->socket.native_handle());
      });
  }

  void process(const std::shared_ptr<watched>& w, int readable, int writable) {
    if (!channel_)
      return;
    ares_process_fd(channel_.get(), readable, writable);
    if (w->socket.is_open())
      wait(w);
    rearm();
  }

  void rearm() {
    auto left = timeval{};
    if (!channel_ || ares_timeout(channel_.get(), nullptr, &left) == nullptr)
      return;
    timer_.expires_after(std::chrono::seconds{left.tv_sec} + std::chrono::microseconds{left.tv_usec});
    timer_.async_wait([self = shared_from_this()](error_code ec) {
      if (ec || !self->channel_)
        return;
      ares_process_fd(self->channel_.get(), ARES_SOCKET_BAD, ARES_SOCKET_BAD);
      self->rearm();
    });
  }

  asio::steady_timer timer_;
  std::string name_;
  resolver::on_answer done_;
  std::map<int, std::shared_ptr<watched>> sockets_{};
  name_answer found_{};
  int problem_ = ARES_SUCCESS;
  int open_ = 0;
  channel_ptr channel_{};  // Last: its end calls back.
};

class started_question final : public dns_question {
public:
  explicit started_question(std::shared_ptr<question_core> core) : core_{std::move(core)} {}
  ~started_question() override { core_->evict(); }
  started_question(const started_question&) = delete;
  started_question& operator=(const started_question&) = delete;

private:
  std::shared_ptr<question_core> core_;
};

}  // namespace

std::unique_ptr<dns_question> ask_dns(net_thread& home, const dns_resolver::options& o, dns_record what,
                                      const std::string& name, resolver::on_answer done) {
  auto core = std::make_shared<question_core>(home, name, std::move(done));
  core->start(o, what);
  return std::make_unique<started_question>(std::move(core));
}

result<void> check_dns_servers(const std::string& servers) {
  auto opened = open_channel({.servers = servers}, nullptr, nullptr);
  return opened ? result<void>{} : result<void>{opened.error()};
}

}  // namespace beamline::net
