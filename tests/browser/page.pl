#!/usr/bin/perl
# Opens an HTML report in headless Chromium over its debugging pipe and checks what a reader would meet: no error
# in the console, no request to the outside, figures and tables as many as expected, tables that sort, a page that
# fits wide and narrow windows and stands without scripts.
# usage: page.pl PAGE.html FIGURES TABLES [FOLDER FOR SCREENSHOTS]
use strict;
use warnings;
use Fcntl qw(F_SETFD);
use File::Temp qw(tempdir);
use JSON::PP;
use MIME::Base64;

my ($page, $n_figures, $n_tables, $shots) = @ARGV;
my $json = JSON::PP->new->utf8;
my $failures = 0;
my (@events, $buffer, $session);
$buffer = '';

sub check {
    my ($what, $holds) = @_;
    return if $holds;
    print "FAILED: $what\n";
    $failures++;
}

# ---- the pipe: JSON messages parted by zero bytes, to the browser on its descriptor 3, from it on 4 ----

my $folder = tempdir(CLEANUP => 1);
pipe(my $from_us, my $to_browser) or die "no pipe: $!";
pipe(my $from_browser, my $to_us) or die "no pipe: $!";
my $child = fork() // die "no process: $!";
if ($child == 0) {
    require POSIX;
    setpgrp(0, 0);
    POSIX::dup2(fileno($from_us), 30);
    POSIX::dup2(fileno($to_us), 40);
    POSIX::dup2(30, 3);
    POSIX::dup2(40, 4);
    open(STDERR, '>', "$folder/stderr");
    exec('chromium', '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
        '--disable-background-networking', '--disable-component-update', '--disable-extensions',
        '--host-resolver-rules=MAP * ~NOTFOUND', "--user-data-dir=$folder/profile", '--remote-debugging-pipe',
        'about:blank') or POSIX::_exit(127);
}
close($from_us);
close($to_us);
$to_browser->autoflush(1);
$SIG{ALRM} = sub { print "FAILED: the browser did not answer within 60 s\n"; kill('KILL', -$child); exit 1 };
alarm(60);

sub next_message {
    until ($buffer =~ /\0/) {
        my $n = sysread($from_browser, my $bytes, 65536);
        die "the browser went away\n" unless $n;
        $buffer .= $bytes;
    }
    my ($text, $rest) = split(/\0/, $buffer, 2);
    $buffer = $rest;
    return $json->decode($text);
}

my $last_id = 0;

sub ask {
    my ($method, %params) = @_;
    my $id = ++$last_id;
    my %message = (id => $id, method => $method, params => \%params);
    $message{sessionId} = $session if defined $session;
    print $to_browser $json->encode(\%message), "\0";
    while (1) {
        my $message = next_message();
        if (($message->{id} // 0) == $id) {
            die "$method: $message->{error}{message}\n" if $message->{error};
            return $message->{result};
        }
        push @events, $message;
    }
}

sub wait_for {
    my ($method) = @_;
    while (1) {
        for my $i (0 .. $#events) {
            next unless $events[$i]{method} eq $method;
            return splice(@events, $i, 1);
        }
        push @events, next_message();
    }
}

sub value_of {
    my ($expression) = @_;
    my $result = ask('Runtime.evaluate', expression => $expression, returnByValue => JSON::PP::true);
    die "$expression: $result->{exceptionDetails}{text}\n" if $result->{exceptionDetails};
    return $result->{result}{value};
}

sub window {
    my ($width, $name) = @_;
    ask('Emulation.setDeviceMetricsOverride', width => $width, height => 900, deviceScaleFactor => 1,
        mobile => JSON::PP::false);
    my $over = value_of('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    check("the page is $over px wider than a window of $width px", $over <= 0);
    return unless $shots;
    my $shot = ask('Page.captureScreenshot', captureBeyondViewport => JSON::PP::true);
    open(my $file, '>:raw', "$shots/$name.png") or die "$shots/$name.png: $!";
    print $file decode_base64($shot->{data});
}

# ---- the page ----

my $target = ask('Target.createTarget', url => 'about:blank')->{targetId};
$session = ask('Target.attachToTarget', targetId => $target, flatten => JSON::PP::true)->{sessionId};
ask("$_.enable") for qw(Page Runtime Log Network);
ask('Page.navigate', url => "file://$page");
wait_for('Page.loadEventFired');

check("'$n_figures' figures, found " . value_of('document.querySelectorAll("figure svg").length'),
    value_of('document.querySelectorAll("figure svg").length') == $n_figures);
check("'$n_tables' tables, found " . value_of('document.querySelectorAll("table").length'),
    value_of('document.querySelectorAll("table").length') == $n_tables);
check('every figure has a size', value_of('Array.from(document.querySelectorAll("figure svg"))'
        . '.every(s => s.getBoundingClientRect().width > 100 && s.getBoundingClientRect().height > 20)'));
check('every figure has a caption', value_of('Array.from(document.querySelectorAll("figure"))'
        . '.every(f => f.querySelector("figcaption") && f.querySelector("figcaption").textContent.length > 10)'));
check('no id twice', value_of('(() => { const ids = Array.from(document.querySelectorAll("[id]")).map(e => e.id);'
        . ' return new Set(ids).size === ids.length })()'));

# Every column of every table, clicked once and once more: rises, then falls; no row is lost.
my $sorting = value_of(<<'SCRIPT');
(() => {
    const wrong = [];
    const key = (tr, i) => { const c = tr.cells[i]; return c.dataset.v !== undefined ? c.dataset.v : c.textContent };
    const order = (a, b) => { const x = Number(a), y = Number(b);
                              return isNaN(x) || isNaN(y) ? a.localeCompare(b) : x - y };
    let clicks = 0;
    document.querySelectorAll('table').forEach((table, t) => {
        const before = Array.from(table.tBodies[0].rows).map(tr => tr.textContent).sort().join('|');
        table.querySelectorAll('th').forEach((th, i) => {
            for (const sign of [1, -1]) {
                th.click();
                clicks++;
                const keys = Array.from(table.tBodies[0].rows).map(tr => key(tr, i)).filter(k => k !== '');
                for (let r = 1; r < keys.length; r++)
                    if (sign * order(keys[r - 1], keys[r]) > 0) { wrong.push(`table ${t}, column ${i}`); break }
                if (th.getAttribute('aria-sort') !== (sign > 0 ? 'ascending' : 'descending'))
                    wrong.push(`table ${t}, column ${i}: the arrow`);
            }
        });
        const after = Array.from(table.tBodies[0].rows).map(tr => tr.textContent).sort().join('|');
        if (before !== after) wrong.push(`table ${t} lost a row`);
    });
    return { clicks, wrong };
})()
SCRIPT
check("a sorted column: @{$sorting->{wrong}}", !@{$sorting->{wrong}});
check('some column was clicked', $sorting->{clicks} > 0);

window(1200, 'wide');
window(390, 'narrow');

# ---- without scripts ----

ask('Emulation.setScriptExecutionDisabled', value => JSON::PP::true);
ask('Page.reload');
wait_for('Page.loadEventFired');
check('without scripts the tables are there', value_of('document.querySelectorAll("table").length') == $n_tables);
check('without scripts the figures are there', value_of('document.querySelectorAll("figure svg").length') == $n_figures);
check('without scripts the text is seen', value_of('document.body.innerText.length') > 500);

# ---- what the browser had to say ----

for my $event (@events) {
    my ($method, $params) = ($event->{method}, $event->{params});
    if ($method eq 'Runtime.exceptionThrown') {
        check("the console is free of errors: $params->{exceptionDetails}{text}", 0);
    } elsif ($method eq 'Runtime.consoleAPICalled') {
        check("the console is silent: $params->{type}", 0);
    } elsif ($method eq 'Log.entryAdded') {
        check("the console is free of errors: $params->{entry}{text}", 0);
    } elsif ($method eq 'Network.requestWillBeSent') {
        my $url = $params->{request}{url};
        check("no request to the outside: $url", $url eq "file://$page" || $url =~ /^data:/);
    }
}

$session = undef;
ask('Browser.close');
waitpid($child, 0);
print "$n_figures figures, $n_tables tables, $sorting->{clicks} clicks\n" unless $failures;
exit($failures ? 1 : 0);
