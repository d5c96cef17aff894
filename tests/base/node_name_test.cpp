#include "base/node_name.hpp"

#include "base/name_facts.hpp"

#include <doctest/doctest.h>

#include <unordered_set>

namespace beamline {

namespace {

std::string canonical(std::string_view text) {
  auto name = node_name::parse(text);
  return name ? name->text() : name.error().message;
}

bool is_refused(std::string_view text) {
  auto name = node_name::parse(text);
  return !name && name.error().code == errc::invalid && !name.error().message.empty();
}

class no_facts final : public system_facts {
public:
  [[nodiscard]] result<std::string> machine_id() const override { return error{errc::not_found, "no machine id"}; }
  [[nodiscard]] result<std::string> private_ip() const override { return error{errc::not_found, "no private ip"}; }
};

class fixed_facts final : public system_facts {
public:
  [[nodiscard]] result<std::string> machine_id() const override { return std::string{"0123abcd"}; }
  [[nodiscard]] result<std::string> private_ip() const override { return std::string{"FD00::0:7"}; }
};

}  // namespace

TEST_CASE("a node name has a name half and a host half (D1, D2)") {
  auto name = node_name::parse("event_horizon_1@127.0.0.1");
  REQUIRE(name);
  CHECK(name->name() == "event_horizon_1");
  CHECK(name->host() == "127.0.0.1");
  CHECK(name->text() == "event_horizon_1@127.0.0.1");
  for (const auto* good : {"a@b", "A-1_z@host", "a@db-1.internal", "a@my_host", "a@10.0.0.7", "a@::1", "a@fd00::7"})
    CHECK(canonical(good) == good);
}

TEST_CASE("malformed node names are refused (D1, D2)") {
  for (const auto* bad : {"",
                          "@",
                          "a",
                          "a@",
                          "@b",
                          "a@b@c",
                          "a b@c",
                          "a.b@c",
                          "a@b c",
                          "a@-b",
                          "a@b-",
                          "a@b..c",
                          "a@.b",
                          "a@b.",
                          "a/b@c",
                          "gr\xC3\xBC\xC3\x9F@b",
                          "a@gr\xC3\xBC\xC3\x9F",
                          "a@b:4400",
                          "a@[::1]",
                          "a@[::1]:4400",
                          "a@1.2.3",
                          "a@1.2.3.256",
                          "a@01.2.3.4",
                          "a@1.2.3.4.5",
                          "a@:::",
                          "a@fd00::zz",
                          "a@1::2::3",
                          "a\n@b",
                          "a@b\n",
                          "a@127.0.0.1\n"})
    CHECK_MESSAGE(is_refused(bad), bad);
  CHECK(is_refused(std::string_view{"a@::1\0x", 7}));
  CHECK(is_refused("a@" + std::string(64, 'x')));
  CHECK(is_refused(std::string(254, 'a') + "@b"));
  CHECK_FALSE(is_refused(std::string(253, 'a') + "@b"));
}

TEST_CASE("errors about node names say what to write and never repeat control characters") {
  CHECK(canonical("accumulator")
        == "node name \"accumulator\" has no @; write name@host, like event_horizon_1@127.0.0.1");
  CHECK(canonical("a@b@c")
        == "node name \"a@b@c\" has more than one @; write name@host, like event_horizon_1@127.0.0.1");
  CHECK(canonical("a@1.2.3")
        == "node name \"a@1.2.3\": host \"1.2.3\" is not an IPv4 address; write four numbers from 0 to 255, without "
           "leading zeros");
  CHECK(canonical("a\x1b[2J@b").find('\x1b') == std::string::npos);
  CHECK(canonical(std::string(10'000, 'a')).size() < 300);
}

TEST_CASE("two spellings of one address are one node name (D3)") {
  CHECK(canonical("a@FD00:0:0:0:0:0:0:7") == "a@fd00::7");
  CHECK(canonical("a@fd00::0007") == "a@fd00::7");
  CHECK(canonical("a@fe80::1%eth0") == "a@fe80::1");
  CHECK(canonical("a@::ffff:10.0.0.7") == "a@10.0.0.7");
  CHECK(canonical("a@::FFFF:0A00:0007") == "a@10.0.0.7");
  CHECK(node_name::parse("a@fd00::7").value() == node_name::parse("a@FD00::0:7").value());
  CHECK(canonical_host("FD00::0:7").value() == "fd00::7");
  // Names are compared byte-wise; host names stay as written.
  CHECK(node_name::parse("a@host").value() != node_name::parse("a@Host").value());
}

TEST_CASE("node names have an order and a hash") {
  auto a = node_name::parse("a@h").value();
  auto b = node_name::parse("b@h").value();
  CHECK(a < b);
  std::unordered_set<node_name> set{a, b, a};
  CHECK(set.size() == 2);
}

TEST_CASE("addresses are told from host names") {
  CHECK(is_ip_address("10.0.0.7"));
  CHECK(is_ip_address("::"));
  CHECK_FALSE(is_ip_address("localhost"));
  CHECK_FALSE(is_ip_address("10.0.0"));
  CHECK_FALSE(is_ip_address(""));
}

TEST_CASE("a node name may contain facts of its machine") {
  node_options options;
  options.role = "accumulator";
  auto facts = collect_name_facts(options, fixed_facts{});
  CHECK(expand_node_name("{role}_1@127.0.0.1", facts).value() == "accumulator_1@127.0.0.1");
  CHECK(expand_node_name("{role}_{machine_id}@{private_ip}", facts).value() == "accumulator_0123abcd@fd00::7");
  CHECK(expand_node_name("plain@host", facts).value() == "plain@host");
}

TEST_CASE("configuration wins over what the machine says of itself") {
  node_options options;
  options.machine_id = "rack7";
  options.private_ip = "10.1.2.3";
  CHECK(expand_node_name("n_{machine_id}@{private_ip}", collect_name_facts(options, no_facts{})).value()
        == "n_rack7@10.1.2.3");
}

TEST_CASE("a node name pattern that cannot be filled in says why") {
  node_options options;
  auto facts = collect_name_facts(options, no_facts{});
  auto problem = [&](std::string_view pattern) {
    auto name = expand_node_name(pattern, facts);
    REQUIRE_FALSE(name);
    return name.error().message;
  };
  CHECK(problem("{rol}@h") == "node.name is \"{rol}@h\", but \"{rol}\" stands for nothing; did you mean {role}?");
  CHECK(problem("{hostname}@h")
        == "node.name is \"{hostname}@h\", but \"{hostname}\" stands for nothing; known are {role}, {machine_id}, "
           "{private_ip}");
  CHECK(problem("{role@h")
        == "node.name is \"{role@h\", which has a brace without its partner; known are {role}, {machine_id}, "
           "{private_ip}");
  CHECK(problem("role}@h").find("brace without its partner") != std::string::npos);
  CHECK(problem("{}@h").find("stands for nothing") != std::string::npos);
  CHECK(problem("n@{private_ip}") == "node.name is \"n@{private_ip}\", but no private ip");
  CHECK(problem("{machine_id}@h") == "node.name is \"{machine_id}@h\", but no machine id");
  CHECK(problem("{role}")
        == "node.name is \"{role}\": node name \"event_horizon\" has no @; write name@host, like "
           "event_horizon_1@127.0.0.1");
  // A fact is missed only by the pattern that needs it.
  CHECK(expand_node_name("{role}@h", facts).ok());
}

TEST_CASE("the data directory may contain the name of the node") {
  auto node = node_name::parse("accumulator_1@127.0.0.1").value();
  CHECK(expand_data_dir("var/{name}", node).value() == "var/accumulator_1");
  CHECK(expand_data_dir("/srv/data", node).value() == "/srv/data");
  CHECK(expand_data_dir("var/{nmae}", node).error().message
        == "node.data_dir is \"var/{nmae}\", but \"{nmae}\" stands for nothing; did you mean {name}?");
}

TEST_CASE("the private address is the first one that other machines can use") {
  CHECK(choose_private_ip({{"eth0", "8.8.8.8"}, {"eth1", "10.0.0.7"}, {"eth2", "192.168.1.2"}}).value() == "10.0.0.7");
  CHECK(choose_private_ip({{"eth0", "fd00::7"}, {"eth0", "172.31.0.1"}}).value() == "172.31.0.1");
  CHECK(choose_private_ip({{"eth0", "fe80::1"}, {"eth0", "fd00::7"}}).value() == "fd00::7");
  CHECK(choose_private_ip({{"eth0", "100.64.0.1"}}).value() == "100.64.0.1");
  CHECK(choose_private_ip({{"docker0", "172.17.0.1"}, {"veth12", "10.9.9.9"}, {"eth0", "192.168.1.2"}}).value()
        == "192.168.1.2");
  for (const auto* outside : {"172.15.0.1", "172.32.0.1", "192.169.0.1", "11.0.0.1", "100.128.0.1", "169.254.1.1",
                              "fe80::1", "2001:db8::1", "::1"})
    CHECK_MESSAGE(!choose_private_ip({{"eth0", outside}}), outside);
  CHECK(choose_private_ip({{"eth0", "8.8.8.8"}}).error().message
        == "this machine has no private address (eth0 8.8.8.8); set BEAMLINE_PRIVATE_IP or write the address into "
           "node.name");
  CHECK(choose_private_ip({}).error().code == errc::not_found);
}

TEST_CASE("the machine id is shown only as a keyed hash") {
  const std::string id = "0123456789abcdef0123456789abcdef";
  auto shown = public_machine_id(id + "\n");
  REQUIRE(shown);
  CHECK(shown->size() == 16);
  CHECK(id.find(*shown) == std::string::npos);
  CHECK(public_machine_id(id).value() == *shown);
  CHECK(public_machine_id("1123456789abcdef0123456789abcdef").value() != *shown);
  for (const auto* bad : {"", "uninitialized", "0123456789abcdef0123456789abcdeg", "0123"})
    CHECK(public_machine_id(bad).error().code == errc::invalid);
}

TEST_CASE("this machine answers with facts or with reasons") {
  machine_facts machine;
  if (auto ip = machine.private_ip())
    CHECK(is_ip_address(*ip));
  else
    CHECK_FALSE(ip.error().message.empty());
  if (auto id = machine.machine_id())
    CHECK(id->size() == 16);
  else
    CHECK_FALSE(id.error().message.empty());
}

}  // namespace beamline
